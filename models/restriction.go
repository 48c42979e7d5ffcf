package models

// UserAgreement is something that a server asks new users to agree to; [AgreementConfirmation] does so. until 2.3.0-alpha
type UserAgreement struct {
	Name string `json:"name"`
	// DisplayText is what the user is asked. The schema calls it display_text.
	DisplayText string `json:"displayText"`
	// URL is where the agreement can be read, if anywhere.
	URL string `json:"url"`
	// Required is whether nobody can register without it.
	Required bool `json:"required"`
	// Value is whether the user is taken to agree unless he says otherwise.
	Value bool `json:"value"`
}
