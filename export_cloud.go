package cvat

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
)

// cloudFile is where in a cloud storage an export goes.
type cloudFile struct {
	storage int64
	name    string // "": the server's choice
}

// query says where an export goes. Without it, one that was meant for the caller could go to the cloud storage that the
// object has as its default.
func (f *cloudFile) query() url.Values {
	if f == nil {
		return url.Values{"use_default_location": {"false"}, "location": {"local"}}
	}
	query := url.Values{"use_default_location": {"false"}, "location": {"cloud_storage"}, "cloud_storage_id": {strconv.FormatInt(f.storage, 10)}}
	if f.name != "" {
		query.Set("filename", f.name)
	}
	return query
}

// polled are the answers to a look. Servers from 2.10.1 to 2.15 answer 200 when an archive has reached the cloud storage.
func (f *cloudFile) polled() []int {
	if f == nil {
		return []int{http.StatusAccepted, http.StatusCreated}
	}
	return []int{http.StatusAccepted, http.StatusCreated, http.StatusOK}
}

// exportToCloud lets the server write an archive to a cloud storage, and waits for it.
func (c *Client) exportToCloud(ctx context.Context, b *Background, storageID int64, name string, opts *ExportOptions) error {
	e, err := c.exportOf(b, opts)
	if err != nil {
		return err
	}
	if storageID <= 0 {
		return &ArgumentError{Field: "storageID", Reason: "is " + strconv.FormatInt(storageID, 10) + ": CloudStorages lists them"}
	}
	e.cloud = &cloudFile{storageID, name}
	unlock, err := e.exclusively(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := e.start(ctx); err != nil {
		return err
	}
	if e.work.RequestID != "" {
		_, err = c.Wait(ctx, e.work, &e.opts.Wait)
		return err
	}
	for restarts := 0; ; restarts++ {
		err := e.handOver(ctx)
		if !errors.Is(err, errGone) || restarts == maxRestarts {
			return err
		}
	}
}

// handOver waits for an archive on servers up to 2.15, and lets it be written to the cloud storage. Up to 2.10.0 that takes
// as long as the request; later ones have done it when they say that the archive is ready.
func (e *export) handOver(ctx context.Context) error {
	if !e.delivered {
		if err := poll(ctx, &e.opts.Wait, e.look); err != nil {
			return err
		}
	}
	if e.delivered {
		return nil
	}
	resp, err := e.client.perform(ctx, call{
		op: e.form.poll.as(Refusable), args: []any{e.work.ID}, query: e.pollQuery("download"), want: []int{http.StatusOK}, transfer: true,
	}, nil, nil)
	if resp.StatusCode == http.StatusAccepted {
		return e.gone(err)
	}
	return err
}
