package models

import (
	"net/url"
	"strings"
	"time"
)

// ProviderType is the provider of a cloud storage.
type ProviderType string

// The providers of CVAT.
const (
	ProviderTypeAWSS3Bucket        ProviderType = "AWS_S3_BUCKET" // or anything else that speaks S3
	ProviderTypeAzureContainer     ProviderType = "AZURE_CONTAINER"
	ProviderTypeGoogleDrive        ProviderType = "GOOGLE_DRIVE" // no server ever supported it; gone since 2.49
	ProviderTypeGoogleCloudStorage ProviderType = "GOOGLE_CLOUD_STORAGE"
)

// CredentialsType says which of the [Credentials] a cloud storage is entered with.
type CredentialsType string

// The types of credentials.
const (
	CredentialsTypeKeySecretKeyPair     CredentialsType = "KEY_SECRET_KEY_PAIR" //nolint:gosec // the name of a type
	CredentialsTypeAccountNameTokenPair CredentialsType = "ACCOUNT_NAME_TOKEN_PAIR"
	CredentialsTypeKeyFilePath          CredentialsType = "KEY_FILE_PATH" //nolint:gosec // the name of a type
	CredentialsTypeAnonymousAccess      CredentialsType = "ANONYMOUS_ACCESS"
	CredentialsTypeConnectionString     CredentialsType = "CONNECTION_STRING" // since 2.4.2
)

// CloudStorageStatus says whether the server can reach a cloud storage.
type CloudStorageStatus string

// The statuses of a cloud storage.
const (
	CloudStorageStatusAvailable CloudStorageStatus = "AVAILABLE"
	CloudStorageStatusNotFound  CloudStorageStatus = "NOT_FOUND"
	CloudStorageStatusForbidden CloudStorageStatus = "FORBIDDEN"
)

// CloudStorageAction is something that the server may do with a cloud storage.
type CloudStorageAction string

// The actions on a cloud storage.
const (
	CloudStorageActionRead  CloudStorageAction = "read"
	CloudStorageActionWrite CloudStorageAction = "write"
)

// CloudStorage is a bucket or container of a cloud provider that the server may use. Its credentials are never shown.
type CloudStorage struct {
	ID    int64      `json:"id"`
	Owner *BasicUser `json:"owner"`
	// Manifests are the paths of the manifest files in the storage. The schema up to 2.3 says objects; servers send texts.
	Manifests    []string     `json:"manifests"`
	ProviderType ProviderType `json:"provider_type"`
	// Resource is the name of the bucket or container.
	Resource           string             `json:"resource"`
	DisplayName        string             `json:"display_name"`
	CreatedDate        time.Time          `json:"created_date"`
	UpdatedDate        time.Time          `json:"updated_date"`
	CredentialsType    CredentialsType    `json:"credentials_type"`
	SpecificAttributes SpecificAttributes `json:"specific_attributes"`
	Description        string             `json:"description"`
	// Organization is 0 for a personal storage.
	Organization int64 `json:"organization,omitzero"`
}

// CloudStorageContent is one page of what lies in a folder of a cloud storage. since 2.4.5
type CloudStorageContent struct {
	// Next asks for the next page; empty after the last.
	Next    string             `json:"next,omitzero"`
	Content []CloudStorageFile `json:"content"`
}

// CloudStorageFile is a file or folder in a cloud storage.
type CloudStorageFile struct {
	Name string `json:"name"`
	// Type is "DIR" for a folder and "REG" for a file.
	Type string `json:"type"`
	// MimeType is the server's own word for what kind of file it is, such as "image", "video" or "unknown"; "DIR" for a folder.
	MimeType string `json:"mime_type"`
}

// CloudStorageCreate is a cloud storage to be attached.
type CloudStorageCreate struct {
	ProviderType ProviderType `json:"provider_type"`
	// Resource is the name of the bucket or container, which must be there.
	Resource string `json:"resource"`
	// DisplayName has at most 63 characters.
	DisplayName string `json:"display_name"`
	Credentials
	SpecificAttributes SpecificAttributes `json:"specific_attributes,omitzero"`
	Description        string             `json:"description,omitzero"`
	// Manifests are the paths of manifest files in the storage, which must be there.
	Manifests []string `json:"manifests,omitempty"`
}

// CloudStoragePatch changes those fields of a cloud storage that are set. The provider cannot be changed.
type CloudStoragePatch struct {
	Resource    *string `json:"resource,omitempty"`
	DisplayName *string `json:"display_name,omitempty"`
	// Credentials take the place of the old ones if their Type is set.
	Credentials
	SpecificAttributes *SpecificAttributes `json:"specific_attributes,omitempty"`
	Description        *string             `json:"description,omitempty"`
	// Manifests are all the manifests that the storage is to have: servers forget the others, and all if it is not sent.
	Manifests []string `json:"manifests,omitzero"`
}

// Credentials are what a server enters a cloud storage with. The Type says which of the other fields count.
type Credentials struct {
	Type CredentialsType `json:"credentials_type,omitzero"`
	// SessionToken is the SAS token of an [CredentialsTypeAccountNameTokenPair], at most 440 characters.
	SessionToken string `json:"session_token,omitzero"`
	// AccountName is the account of an Azure container, also with [CredentialsTypeAnonymousAccess].
	AccountName string `json:"account_name,omitzero"`
	// Key is the access key of a [CredentialsTypeKeySecretKeyPair], at most 40 characters.
	Key string `json:"key,omitzero"`
	// SecretKey belongs to Key; it has at most 44 characters until 2.8, then 64.
	SecretKey string `json:"secret_key,omitzero"`
	// ConnectionString is that of an Azure container. since 2.4.2
	ConnectionString string `json:"connection_string,omitzero"`
	// KeyFile is the content of the JSON key file of a [CredentialsTypeKeyFilePath]. Without one the server uses the
	// key file that its administrator gave it, if any. It travels as a file, and not in the JSON.
	KeyFile []byte `json:"-"`
}

// SpecificAttributes are what a provider needs to know besides the name of a bucket. On the wire they are one text,
// such as "region=eu-central-1&endpoint_url=https%3A%2F%2Fs3.example.com".
type SpecificAttributes struct {
	// Region is where an S3 bucket is, such as "eu-central-1".
	Region string
	// EndpointURL is the address of a service that speaks S3, if it is not Amazon's.
	EndpointURL string
	// Prefix confines the storage to what lies below it, as far as the server's version supports it.
	Prefix string
	// Location is where a bucket of Google is.
	Location string
	// Project is the project of a bucket of Google.
	Project string
	// ProjectID is what CVAT's own user interface calls the Project. Servers keep it and do not look at it.
	ProjectID string
	// Other holds all other attributes by name.
	Other map[string]string
}

// attributeFields returns the attributes that have a field.
func attributeFields(a *SpecificAttributes) map[string]*string {
	return map[string]*string{
		"region": &a.Region, "endpoint_url": &a.EndpointURL, "prefix": &a.Prefix, "location": &a.Location,
		"project": &a.Project, "project_id": &a.ProjectID,
	}
}

// String returns the attributes as they travel: in the order of their names, with escaped values.
func (a SpecificAttributes) String() string {
	values := url.Values{}
	for name, value := range a.Other {
		values.Set(name, value)
	}
	for name, value := range attributeFields(&a) {
		if *value != "" {
			values.Set(name, *value)
		}
	}
	return values.Encode()
}

// MarshalText implements [encoding.TextMarshaler].
func (a SpecificAttributes) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. Values need not be escaped: what cannot be read so is taken as it is.
func (a *SpecificAttributes) UnmarshalText(text []byte) error {
	*a = SpecificAttributes{}
	named := attributeFields(a)
	for pair := range strings.SplitSeq(string(text), "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescaped(name), unescaped(value)
		switch field := named[name]; {
		case pair == "":
		case field != nil:
			*field = value
		case a.Other == nil:
			a.Other = map[string]string{name: value}
		default:
			a.Other[name] = value
		}
	}
	return nil
}

func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}
