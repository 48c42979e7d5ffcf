package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-cvat/cvat"
)

// folder is what becomes a task: pictures by their paths in the bucket.
type folder struct {
	name     string
	pictures []string
}

// findPictures lists what is below the prefix, by folder.
func (i *ingest) findPictures(ctx context.Context) error {
	// A storage may be confined to a prefix of its own; above it, servers give names as they are below it.
	top, own := i.prefix, i.storage.SpecificAttributes.Prefix
	if own = own[:strings.LastIndex(own, "/")+1]; strings.HasPrefix(own, top) {
		top = own
	}
	pictures, err := i.walk(ctx, top)
	switch old := errors.Is(err, cvat.ErrUnsupported); {
	case old && len(i.storage.Manifests) == 0:
		return fmt.Errorf("storage %d was attached without a manifest, which this server cannot do without: add one to it: %w", i.storage.ID, err)
	case old:
		pictures, _, err = i.client.CloudStorages.ManifestContent(ctx, i.storage.ID, i.manifest)
	}
	switch {
	case errors.Is(err, cvat.ErrNotFound) && i.manifest != "":
		return fmt.Errorf("there is no manifest %q in storage %d: %w", i.manifest, i.storage.ID, err)
	case err != nil:
		return err
	}
	if i.folders = i.sorted(pictures); i.folders == nil {
		return fmt.Errorf("there are no pictures below %q in storage %d", cmp.Or(i.prefix, "/"), i.storage.ID)
	}
	return nil
}

// walk lists the pictures in a folder and all below it: those of the manifest or, without one, those that are there.
func (i *ingest) walk(ctx context.Context, in string) (pictures []string, err error) {
	opts := cvat.CloudStorageContentOptions{ManifestPath: i.manifest, Prefix: in}
	for {
		page, _, err := i.client.CloudStorages.Content(ctx, i.storage.ID, &opts)
		if err != nil {
			return nil, err
		}
		for _, file := range page.Content {
			switch {
			case file.Type == "DIR":
				below, err := i.walk(ctx, in+file.Name+"/")
				if err != nil {
					return nil, err
				}
				pictures = append(pictures, below...)
			case i.manifest != "" || file.MimeType == "image":
				pictures = append(pictures, in+file.Name)
			}
		}
		if opts.NextToken = page.Next; opts.NextToken == "" {
			return pictures, nil
		}
	}
}

// sorted puts pictures into their folders, in the order in which they come.
func (i *ingest) sorted(pictures []string) (folders []folder) {
	at := map[string]int{}
	for _, picture := range pictures {
		if !strings.HasPrefix(picture, i.prefix) || strings.Contains("/"+picture, "/related_images/") {
			continue // of a manifest that says more, or a context picture, which is no frame
		}
		name := cmp.Or(picture[:max(0, strings.LastIndex(picture, "/"))], i.storage.Resource+"/")
		n, known := at[name]
		if !known {
			n = len(folders)
			at[name] = n
			folders = append(folders, folder{name: name})
		}
		folders[n].pictures = append(folders[n].pictures, picture)
	}
	return folders
}
