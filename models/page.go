package models

// Page is one page of a list, as the server sends it.
type Page[T any] struct {
	// Count is the number of items on all pages.
	Count int `json:"count"`
	// Next is the absolute URL of the next page, empty on the last. It carries the host the server believes to have.
	Next string `json:"next,omitzero"`
	// Previous is the absolute URL of the page before, empty on the first.
	Previous string `json:"previous,omitzero"`
	Results  []T    `json:"results"`
}
