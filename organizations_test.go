package cvat_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

func TestSlugsThatAreNone(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(201, `{}`))
	client := server.client(t)
	for slug, reason := range map[string]string{
		"":                      "is empty",
		"a team":                `is "a team": a slug has letters`,
		"équipe":                "of ASCII only",
		"a/b":                   "of ASCII only",
		"team.":                 "of ASCII only",
		" team":                 "of ASCII only",
		strings.Repeat("x", 17): `is "xxxxxxxxxxxxxxxxx", 17 characters: a slug has at most 16`,
	} {
		create := models.OrganizationCreate{Slug: slug}
		_, resp, err := client.Organizations.Create(t.Context(), create)
		assertArgument(t, err, "OrganizationCreate.Slug", reason)
		assert.NotNil(t, resp)
		_, resp, err = client.Organizations.Update(t.Context(), 7, models.OrganizationPatch{Slug: &slug})
		assertArgument(t, err, "OrganizationPatch.Slug", reason)
		assert.NotNil(t, resp)
	}
	assert.Empty(t, server.dials(), "nothing is sent")

	for _, slug := range []string{"a", "Team-7_b", strings.Repeat("x", 16), "-", "42"} {
		_, _, err := client.Organizations.Create(t.Context(), models.OrganizationCreate{Slug: slug})
		require.NoError(t, err, slug)
		_, _, err = client.Organizations.Update(t.Context(), 7, models.OrganizationPatch{Slug: &slug})
		require.NoError(t, err, slug)
	}
}

// assertArgument checks that an argument was found wrong before anything was sent.
func assertArgument(t *testing.T, err error, field, reason string) {
	t.Helper()
	refused := new(cvat.ArgumentError)
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, field, refused.Field)
	assert.Contains(t, refused.Reason, reason)
}

// Servers do not look into the contact: it need not be an object.
func TestContactIsAnyJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		`{"email":"a@example.com"}`: map[string]any{"email": "a@example.com"}, `"by phone"`: "by phone", `[1]`: []any{1.0}, `null`: nil,
	} {
		client := servePipe(t, replyJSON(200, `{"id":7,"contact":`+text+`,"owner":null}`)).client(t)
		org, _, err := client.Organizations.Get(t.Context(), 7)
		require.NoError(t, err)
		assert.Equal(t, want, org.Contact)
		assert.Nil(t, org.Owner)
	}
}
