package models

import "encoding/json"

// About is what a server says of itself.
type About struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	// Version has two components when the patch number is 0 ("2.3") until 2.6.0, always three from 2.6.1 ("2.73.1").
	// Development builds append to it ("2.3.dev20220915165419").
	Version string `json:"version"`
	// LogoURL is absolute. since 2.30
	LogoURL  string `json:"logo_url,omitzero"`
	Subtitle string `json:"subtitle,omitzero"` // since 2.30
}

// Plugins says which optional parts a server has.
type Plugins struct {
	// GitIntegration is whether annotations can be kept in Git repositories. until 2.58
	GitIntegration Flag `json:"GIT_INTEGRATION,omitzero"`
	// Analytics is whether the server keeps the events of its users.
	Analytics Flag `json:"ANALYTICS"`
	// Models is whether the server runs functions of automatic annotation.
	Models  Flag `json:"MODELS"`
	Predict Flag `json:"PREDICT,omitzero"` // always false, until 2.58
}

// Flag is a boolean that servers until 2.9 write as 0 or 1.
type Flag bool

// UnmarshalJSON implements [json.Unmarshaler].
func (f *Flag) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "0":
		*f = false
	case "1":
		*f = true
	default:
		return json.Unmarshal(data, (*bool)(f))
	}
	return nil
}

// FileType tells files from folders.
type FileType string

// The types of files.
const (
	FileTypeRegular   FileType = "REG"
	FileTypeDirectory FileType = "DIR"
)

// FileInfo is a file or folder of the share that a server has mounted.
type FileInfo struct {
	// Name is the last element of the path.
	Name string   `json:"name"`
	Type FileType `json:"type"`
	// MimeType is no MIME type but CVAT's own word: image, video, archive, zip, pdf, unknown, or DIR for a folder.
	// since 2.3
	MimeType string `json:"mime_type"`
}
