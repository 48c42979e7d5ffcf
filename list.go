package cvat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-querystring/query"
)

// PageSizeAll as [ListOptions].PageSize asks for everything in one page. The server then answers with one document:
// mind its size.
const PageSizeAll = -1

const defaultPageSize = 100

// ListOptions are what all lists understand. The options of each list embed them and add typed fields, which become
// part of the filter: servers before 2.4 ignore simple parameters in silence and would return everything.
type ListOptions struct {
	// Page is the page that List returns and All starts at; the first is 1, which 0 means too.
	Page int
	// PageSize is the number of items in a page: 100 if 0, everything at once if [PageSizeAll].
	PageSize int
	// Search finds items by text in the fields the server searches for the resource, without regard to case.
	Search string
	// Sort names the field to sort by, with a "-" before it for the reverse; several are separated by commas. Servers
	// ignore names they do not know. Default: the list's stable order, by id, oldest first.
	Sort string
	// Filter narrows the list.
	Filter Filter
	// ReadAhead is how many pages All requests in advance, in parallel, while the program handles the current one;
	// items still come in order.
	ReadAhead int
	// OnPage, if set, is called by All for each page before its items, in order.
	OnPage func(PageInfo)
}

// PageOptions choose a page of a list that the server can neither search nor filter nor sort.
type PageOptions struct {
	// Page is the page that is returned; the first is 1, which 0 means too.
	Page int
	// PageSize is the number of items in a page: 100 if 0, everything at once if [PageSizeAll].
	PageSize int
}

// listOptions returns the options in the form of other lists; nil is the first page.
func (o *PageOptions) listOptions() ListOptions {
	if o == nil {
		return ListOptions{}
	}
	return ListOptions{Page: o.Page, PageSize: o.PageSize}
}

// PageInfo describes a page that All came to.
type PageInfo struct {
	// Page is its number, counted from 1.
	Page int
	// Items is how many items it holds.
	Items int
	// Count is how many items match on all pages together.
	Count int
}

// Collect gathers all items of a list, up to the first error:
//
//	jobs, err := cvat.Collect(client.Jobs.All(ctx, nil))
func Collect[T any](items iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for item, err := range items {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}

// list is one of the server's lists.
type list[T any] struct {
	client *Client
	op     Operation
	args   []any
	query  url.Values   // parameters that are part of the address, such as task_id of /api/labels
	sort   string       // the stable order; "": the server has but one
	id     func(*T) any // what makes an item the same item
	opts   ListOptions  // the caller's, with the typed fields in the filter
	call   []CallOption
}

// listPage is one page as the server sends it, or a bare array.
type listPage[T any] struct {
	Count   int    `json:"count"`
	Next    string `json:"next"`
	Results []*T   `json:"results"`

	bare bool
}

// errNoList is why an answer that is something else does not pass for an empty list.
var errNoList = errors.New("it is no list")

func (p *listPage[T]) UnmarshalJSON(data []byte) error {
	var err error
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		p.bare = true
		err = json.Unmarshal(data, &p.Results)
		p.Count = len(p.Results)
	} else {
		type plain listPage[T]
		err = json.Unmarshal(data, (*plain)(p))
	}
	if err == nil && (p.Results == nil || slices.Contains(p.Results, nil)) {
		err = errNoList
	}
	return err
}

// listQuery is everything that travels as a query parameter.
type listQuery struct {
	Page     int    `url:"page,omitempty"`
	PageSize string `url:"page_size,omitempty"`
	Search   string `url:"search,omitempty"`
	Sort     string `url:"sort,omitempty"`
	Filter   string `url:"filter,omitempty"`
}

func (l list[T]) pageSize() int {
	if l.opts.PageSize == 0 {
		return defaultPageSize
	}
	return l.opts.PageSize
}

// validate refuses options that servers would answer with something else than was asked for.
func (l list[T]) validate() error {
	switch {
	case l.opts.Page < 0:
		return &ArgumentError{Field: "ListOptions.Page", Reason: "is negative: pages are counted from 1"}
	case l.opts.PageSize < PageSizeAll:
		return &ArgumentError{Field: "ListOptions.PageSize", Reason: "is negative"}
	case l.opts.ReadAhead < 0:
		return &ArgumentError{Field: "ListOptions.ReadAhead", Reason: "is negative"}
	}
	if reason := l.opts.Filter.err; reason != "" {
		return &ArgumentError{Field: "ListOptions.Filter", Reason: reason}
	}
	return nil
}

// page requests one page.
func (l list[T]) page(ctx context.Context, number int) (*listPage[T], *Response, error) {
	size := strconv.Itoa(l.pageSize())
	if l.pageSize() == PageSizeAll {
		size = "all"
	}
	order := l.opts.Sort
	if order == "" {
		order = l.sort
	}
	values, err := query.Values(listQuery{
		Page: number, PageSize: size, Search: l.opts.Search, Sort: order,
		Filter: l.opts.Filter.String(),
	})
	if err != nil {
		return nil, &Response{}, &ArgumentError{Field: "ListOptions", Reason: "cannot be encoded", Err: err}
	}
	maps.Copy(values, l.query)
	page, resp, err := fetch[listPage[T]](ctx, l.client, call{op: l.op, args: l.args, query: values}, l.call)
	if err != nil {
		return nil, resp, err
	}
	resp.Count = page.Count
	if page.Next != "" {
		resp.NextPage = number + 1
	}
	return page, resp, nil
}

// tail drops what stands on the pages before number: lists that the server sends whole look like all others.
func (p *listPage[T]) tail(number, size int) []*T {
	if !p.bare || size == PageSizeAll {
		return p.Results
	}
	return p.Results[min((number-1)*size, len(p.Results)):]
}

// one returns the page that the options ask for.
func (l list[T]) one(ctx context.Context) ([]*T, *Response, error) {
	if err := l.validate(); err != nil {
		return nil, &Response{}, err
	}
	number, size := max(l.opts.Page, 1), l.pageSize()
	page, resp, err := l.page(ctx, number)
	if err != nil {
		return nil, resp, err
	}
	items := page.tail(number, size)
	if page.bare && size != PageSizeAll && len(items) > size {
		items, resp.NextPage = items[:size], number+1
	}
	return items, resp, nil
}

// nested returns a list that the server sends in one array.
func nested[T any](ctx context.Context, c *Client, cl call, opts []CallOption) ([]*T, *Response, error) {
	page, resp, err := fetch[listPage[T]](ctx, c, cl, opts)
	if err != nil {
		return nil, resp, err
	}
	resp.Count = page.Count
	return page.Results, resp, nil
}

// named returns the only item that where matches.
func (l list[T]) named(ctx context.Context, kind, name string, id func(*T) int64) (*T, *Response, error) {
	if name == "" {
		return nil, &Response{}, &ArgumentError{Field: "name", Reason: "is empty"}
	}
	l.opts.PageSize = 10 // enough to name the others
	items, resp, err := l.one(ctx)
	switch {
	case err != nil:
		return nil, resp, err
	case len(items) == 0:
		return nil, resp, &lookupError{kind, name, nil}
	case len(items) > 1:
		ids := make([]string, len(items))
		for i, item := range items {
			ids[i] = strconv.FormatInt(id(item), 10)
		}
		return nil, resp, &lookupError{kind, name, ids}
	}
	return items[0], resp, nil
}

// lookupError is a search by name that found nothing, or several objects.
type lookupError struct {
	kind, name string
	ids        []string
}

func (e *lookupError) Error() string {
	if e.ids == nil {
		return "cvat: there is no " + e.kind + " named " + strconv.Quote(e.name)
	}
	return "cvat: several objects are named " + strconv.Quote(e.name) + ": " + e.kind + "s " + strings.Join(e.ids, ", ")
}

func (e *lookupError) Is(target error) bool {
	return target == ErrNotFound && e.ids == nil || target == ErrNotUnique && e.ids != nil
}

// all walks through the list. See the package documentation for what it promises.
func (l list[T]) all(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if err := l.validate(); err != nil {
			yield(nil, err)
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		w := &walk[T]{list: l, next: max(l.opts.Page, 1)}
		defer w.join()
		defer cancel()
		for {
			page, more, err := w.advance(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range page {
				if !yield(item, nil) {
					return
				}
			}
			if !more {
				return
			}
		}
	}
}

// walk is one walk through a list.
type walk[T any] struct {
	list    list[T]
	next    int                 // number of the first page that is not requested yet
	pending []<-chan fetched[T] // pages that are requested, in order
	recent  [][]any             // identities on the last few pages
	count   int
}

type fetched[T any] struct {
	number int
	page   *listPage[T]
	resp   *Response
	err    error
}

// recentPages is how far back items are looked for that moved to a later page.
const recentPages = 3

// request asks for the next page in the background.
func (w *walk[T]) request(ctx context.Context) {
	number := w.next
	w.next++
	answer := make(chan fetched[T], 1)
	go func() {
		page, resp, err := w.list.page(ctx, number)
		answer <- fetched[T]{number, page, resp, err}
	}()
	w.pending = append(w.pending, answer)
}

// join waits for the requests that are under way.
func (w *walk[T]) join() {
	for _, answer := range w.pending {
		<-answer
	}
}

// advance returns the items of the next page that were not seen yet, and whether more pages may follow.
func (w *walk[T]) advance(ctx context.Context) (items []*T, more bool, err error) {
	if len(w.pending) == 0 {
		w.request(ctx)
	}
	got := <-w.pending[0]
	w.pending = w.pending[1:]
	if e, ok := errors.AsType[*Error](got.err); ok && e.StatusCode == http.StatusNotFound && e.Detail == "Invalid page." {
		return nil, false, nil // items vanished meanwhile
	}
	if got.err != nil {
		return nil, false, got.err
	}
	results := got.page.tail(got.number, w.list.pageSize())
	items, repeated := w.fresh(results)
	if repeated && got.page.Count == w.count {
		return nil, false, &callError{
			text: "cvat: " + w.list.op.ID + ": page " + strconv.Itoa(got.number) + " repeats the page before it",
			errs: []error{ErrPageLoop},
		}
	}
	w.count = got.page.Count
	more = got.page.Next != ""
	if more {
		w.readAhead(ctx)
	}
	if w.list.opts.OnPage != nil {
		w.list.opts.OnPage(PageInfo{Page: got.number, Items: len(results), Count: got.page.Count})
	}
	return items, more, nil
}

// readAhead requests pages in advance, as far as the count says that there are any.
func (w *walk[T]) readAhead(ctx context.Context) {
	size := w.list.pageSize()
	for len(w.pending) < w.list.opts.ReadAhead && (w.next-1)*size < w.count {
		w.request(ctx)
	}
}

// fresh drops items that the last few pages held already (an insertion moves items to later pages), and reports a page
// that is the same as the one before.
func (w *walk[T]) fresh(items []*T) (kept []*T, repeated bool) {
	ids := make([]any, len(items))
	for i, item := range items {
		ids[i] = w.list.id(item)
	}
	if n := len(w.recent); n > 0 {
		repeated = slices.Equal(ids, w.recent[n-1])
	}
	seen := map[any]bool{}
	for _, page := range w.recent {
		for _, id := range page {
			seen[id] = true
		}
	}
	for i, item := range items {
		if !seen[ids[i]] {
			kept = append(kept, item)
		}
	}
	w.recent = append(w.recent, ids)
	if len(w.recent) > recentPages {
		w.recent = w.recent[1:]
	}
	return kept, repeated
}
