package models

// ImportMode says what becomes of the annotations that an object has when others are imported. since 2.65
type ImportMode string

// The import modes of CVAT. Earlier servers know only replacement.
const (
	ImportModeReplace ImportMode = "replace"
	ImportModeAppend  ImportMode = "append"
)
