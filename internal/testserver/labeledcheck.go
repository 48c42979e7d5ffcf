package testserver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// annotationCheck validates a document for one set of labels.
type annotationCheck struct {
	dialect Dialect
	labels  labelSet
	ids     idRule
	crashes bool // on labels and attributes that do not exist
}

// idRule says what the newer server demands of ids.
type idRule int

const (
	idsOptional idRule = iota
	idsAbsent
	idsPresent
)

// nullIn names the list that holds a null in the place of an annotation.
func (doc *annotations) nullIn() string {
	switch {
	case slices.Contains(doc.Tags, nil):
		return "tags"
	case slices.Contains(doc.Shapes, nil):
		return "shapes"
	case slices.Contains(doc.Tracks, nil):
		return "tracks"
	}
	return ""
}

// structure refuses what the serializers refuse: lists of objects, each with its errors by field.
func (k annotationCheck) structure(doc *annotations) *answer {
	var errs object
	for _, list := range []struct {
		name  string
		items []*labeled
		check func(*labeled) object
	}{
		{"tags", doc.Tags, k.common},
		{"shapes", doc.Shapes, k.shape},
		{"tracks", doc.Tracks, k.track},
	} {
		wrong := false
		items := mapped(list.items, func(a *labeled) object {
			found := list.check(a)
			wrong = wrong || len(found) > 0
			return found
		})
		if wrong {
			errs = append(errs, member{list.name, items})
		}
	}
	if len(errs) > 0 {
		return reply(http.StatusBadRequest, errs)
	}
	return nil
}

func wrong(name string, texts ...string) member { return member{name, texts} }

const (
	fieldRequired = "This field is required."
	tooSmall      = "Ensure this value is greater than or equal to 0."
)

func (k annotationCheck) common(a *labeled) object {
	errs := frameErrors(a.Frame)
	if a.LabelID == nil {
		errs = append(errs, wrong("label_id", fieldRequired))
	} else if *a.LabelID < 0 {
		errs = append(errs, wrong("label_id", tooSmall))
	}
	if a.Group != nil && *a.Group < 0 {
		errs = append(errs, wrong("group", tooSmall))
	}
	if k.dialect == V2_73 {
		errs = append(errs, k.idErrors(a)...)
	}
	if len(errs) > 0 {
		return errs
	}
	return k.sourceErrors(a)
}

func (k annotationCheck) idErrors(a *labeled) object {
	switch {
	case k.ids == idsAbsent && a.ID != nil:
		return object{wrong("id", "must be absent")}
	case k.ids == idsPresent && a.ID == nil:
		return object{wrong("id", "must be present and not null")}
	}
	return nil
}

// sourceErrors refuses sources of its own for what is new.
func (k annotationCheck) sourceErrors(a *labeled) object {
	sources := []string{"auto", "semi-auto", "manual", "file", "consensus"}
	if k.dialect == V2_3 || a.Source == nil || a.ID != nil || slices.Contains(sources, *a.Source) {
		return nil
	}
	return object{wrong("source", fmt.Sprintf("must be one of '%s', got '%s'", strings.Join(sources, "', '"), *a.Source))}
}

func frameErrors(frame *int64) object {
	switch {
	case frame == nil:
		return object{wrong("frame", fieldRequired)}
	case *frame < 0:
		return object{wrong("frame", tooSmall)}
	}
	return nil
}

func (k annotationCheck) shape(s *labeled) object {
	errs := slices.Concat(k.element(s), k.elements(s, k.element))
	if len(errs) > 0 || k.dialect == V2_3 {
		return errs
	}
	switch skeleton := *s.Type == "skeleton"; {
	case skeleton && len(s.Elements) == 0:
		return object{wrong("elements", "at least one required for skeleton shape")}
	case !skeleton && len(s.Elements) > 0:
		return object{wrong("elements", "not allowed for non-skeleton shape")}
	}
	return nil
}

// element checks a shape apart from its elements.
func (k annotationCheck) element(s *labeled) object {
	return slices.Concat(k.common(s), k.figure(&s.figure))
}

func (k annotationCheck) elements(a *labeled, check func(*labeled) object) object {
	for _, e := range a.Elements {
		if len(check(e)) > 0 {
			return object{{"elements", mapped(a.Elements, check)}}
		}
	}
	return nil
}

func (k annotationCheck) figure(f *figure) object {
	types := []string{"rectangle", "polygon", "polyline", "points", "ellipse", "cuboid", "skeleton"}
	if k.dialect == V2_73 {
		types = append(types, "mask")
	}
	switch {
	case f.Type == nil:
		return object{wrong("type", fieldRequired)}
	case !slices.Contains(types, *f.Type):
		return object{wrong("type", fmt.Sprintf("%q is not a valid choice.", *f.Type))}
	case f.Rotation < 0:
		return object{wrong("rotation", tooSmall)}
	case f.Rotation > 360:
		return object{wrong("rotation", "Ensure this value is less than or equal to 360.")}
	case k.dialect == V2_73 && !rightCount(*f.Type, len(f.Points)):
		return object{wrong("points", fmt.Sprintf("invalid length for shape type '%s'", *f.Type))}
	}
	return nil
}

// rightCount says whether a type can have so many coordinates.
func rightCount(kind string, n int) bool {
	switch kind {
	case "rectangle", "ellipse":
		return n == 4
	case "cuboid":
		return n == 16
	case "polygon":
		return n >= 6 && n%2 == 0
	case "polyline":
		return n >= 4 && n%2 == 0
	case "points":
		return n >= 2 && n%2 == 0
	case "mask":
		return n >= 5
	}
	return n == 0 // a skeleton
}

func (k annotationCheck) track(t *labeled) object {
	errs := k.common(t)
	if t.Shapes == nil {
		errs = append(errs, wrong("shapes", fieldRequired))
	}
	keyframe := func(f *keyframe) object { return append(frameErrors(f.Frame), k.figure(&f.figure)...) }
	for _, f := range t.Shapes {
		if len(keyframe(f)) > 0 {
			errs = append(errs, member{"shapes", mapped(t.Shapes, keyframe)})
			break
		}
	}
	return append(errs, k.elements(t, k.track)...)
}

// references refuses labels and attributes that the task does not have.
func (k annotationCheck) references(doc *annotations) *answer {
	for _, a := range slices.Concat(doc.Tags, doc.Shapes, doc.Tracks) {
		if refusal := k.reference(a); refusal != nil {
			return refusal
		}
	}
	return nil
}

func (k annotationCheck) reference(a *labeled) *answer {
	l := k.labels.find(*a.LabelID)
	if l == nil {
		return k.refuse(fmt.Sprintf("label_id `%d` is invalid", *a.LabelID))
	}
	which := anyAttribute
	if a.Shapes != nil {
		which = immutableAttribute
	}
	if refusal := k.values(l, a.Attributes, which); refusal != nil {
		return refusal
	}
	for _, f := range a.Shapes {
		if refusal := k.values(l, f.Attributes, mutableAttribute); refusal != nil {
			return refusal
		}
	}
	for _, e := range a.Elements {
		if refusal := k.reference(e); refusal != nil {
			return refusal
		}
	}
	return nil
}

func (k annotationCheck) values(l *label, values []attributeValue, which func(*attribute) bool) *answer {
	for _, v := range values {
		if v.Value == nil {
			return k.dialect.crash()
		}
		fits := func(a *attribute) bool { return a.id == v.SpecID && which(a) }
		if !slices.ContainsFunc(l.attributes, fits) {
			return k.refuse(fmt.Sprintf("spec_id `%d` is invalid", v.SpecID))
		}
	}
	return nil
}

func (k annotationCheck) refuse(text string) *answer {
	switch {
	case k.crashes:
		return k.dialect.crash()
	case k.dialect == V2_3:
		return bare(http.StatusBadRequest, text)
	}
	return invalid(text)
}
