package models

// DatasetFormats lists the annotation and dataset formats of a server.
type DatasetFormats struct {
	Importers []DatasetFormat `json:"importers"`
	Exporters []DatasetFormat `json:"exporters"`
}

// DatasetFormat is one format that a server reads or writes. Importers and exporters of one format can have other names.
type DatasetFormat struct {
	// Name is what an export or import asks for, such as "CVAT for images 1.1".
	Name string `json:"name"`
	// Ext is the file extensions, such as "JSON, ZIP".
	Ext     string `json:"ext"`
	Version string `json:"version"`
	// Enabled is false when the server lacks what the format needs; using it is then refused (405).
	Enabled   bool      `json:"enabled"`
	Dimension Dimension `json:"dimension"`
}
