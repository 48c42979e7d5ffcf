module github.com/go-cvat/cvat/bench

go 1.26.0

require github.com/go-cvat/cvat v0.0.0

require (
	github.com/google/go-querystring v1.2.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.8 // indirect
)

replace github.com/go-cvat/cvat => ../
