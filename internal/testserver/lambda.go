package testserver

import (
	"fmt"
	"net/http"
	"slices"
)

// Function is a serverless function that somebody has deployed. What it can do decides what kind it is: set one of Detect,
// Interact, Track and Match.
//
// They run while the server is locked: they must not send it anything.
type Function struct {
	ID                     string
	Name                   string // for people; the id if empty
	Description, Framework string
	Labels                 []FunctionLabel

	MinPosPoints, MinNegPoints int // of an interactor
	StartsWithBox              bool
	HelpMessage, AnimatedGIF   string

	Detect   func(FunctionInput) ([]FunctionObject, error)
	Interact func(FunctionInput) (any, error) // any answer is passed on as JSON
	Track    func(FunctionInput) (FunctionTracking, error)
	Match    func(FunctionInput) ([]int, error) // a re-identification: for each of Boxes0 the index in Boxes1, or -1
}

// FunctionLabel is a class of objects that a function knows.
type FunctionLabel struct {
	Name       string
	Type       string // "any" if empty
	Attributes []FunctionAttribute
}

// FunctionAttribute is a property of the objects that a function finds.
type FunctionAttribute struct {
	Name, InputType string
	Values          []string
}

// FunctionInput is what a function is given to work with.
type FunctionInput struct {
	Image, Image1 []byte // frames as they were uploaded; a second one for a re-identification. A region of interest is not cut out.
	Frame, Frame1 int64  // their numbers, which a real function is not told

	Threshold   float64 // 0 if none was given
	MaxDistance float64

	PosPoints, NegPoints, Box [][]float64
	TextPrompts               []string

	Shapes [][]float64 // the points of objects to track
	States []any       // what the tracker said of them before

	Boxes0, Boxes1 [][]float64 // the rectangles to match
}

// FunctionObject is something that a detector has found, in the words of the function.
type FunctionObject struct {
	Label      string
	Type       string // the form of a shape, or "tag"
	Points     []float64
	Mask       []float64 // pixels of a box, then its corners
	Confidence string
	Attributes []FunctionValue
}

// FunctionValue is the value of an attribute.
type FunctionValue struct{ Name, Value string }

// FunctionTracking is where a tracker has found objects, and what it wants to know about them the next time.
type FunctionTracking struct {
	Shapes [][]float64
	States []any
}

// AddFunction deploys a function, in the place of one with the same id. Without any the server answers as one that has no
// Nuclio.
func (s *Server) AddFunction(f Function) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Name == "" {
		f.Name = f.ID
	}
	i := slices.IndexFunc(s.state.functions, func(known *Function) bool { return known.ID == f.ID })
	if i < 0 {
		s.state.functions = append(s.state.functions, &f)
		return
	}
	s.state.functions[i] = &f
}

const (
	detector   = "detector"
	interactor = "interactor"
	tracker    = "tracker"
	reid       = "reid"
)

func (f *Function) kind() string {
	switch {
	case f.Detect != nil:
		return detector
	case f.Interact != nil:
		return interactor
	case f.Track != nil:
		return tracker
	}
	return reid
}

func (f *Function) read(d Dialect) object {
	o := object{{"id", f.ID}, {"kind", f.kind()}}
	if d == V2_3 {
		o = append(o, object{
			{"labels", mapped(f.Labels, func(l FunctionLabel) string { return l.Name })},
			{"description", f.Description},
			{"framework", textOrNull(f.Framework)},
			{"name", f.Name},
		}...)
	} else {
		o = append(o, object{
			{"labels_v2", mapped(f.Labels, FunctionLabel.read)}, {"description", f.Description}, {"name", f.Name}, {"version", 1},
		}...)
	}
	switch f.kind() {
	case detector:
		if d == V2_3 {
			o = append(o, member{"attributes", f.attributes()})
		}
	case interactor:
		o = append(o, f.interaction(d)...)
	case tracker:
		if d == V2_3 {
			return append(o, member{"state", "ready"})
		}
		return append(o, member{"supported_shape_types", []string{"rectangle"}})
	}
	return o
}

func textOrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (f *Function) attributes() object {
	o := object{}
	for _, l := range f.Labels {
		o = append(o, member{l.Name, mapped(l.Attributes, FunctionAttribute.read)})
	}
	return o
}

func (f *Function) interaction(d Dialect) object {
	o := object{{"min_pos_points", f.MinPosPoints}, {"min_neg_points", f.MinNegPoints}, {"startswith_box", f.StartsWithBox}}
	if d == V2_73 {
		o = append(o, member{"startswith_box_optional", false})
	}
	return append(o, object{{"help_message", f.HelpMessage}, {"animated_gif", f.AnimatedGIF}}...)
}

func (l FunctionLabel) kind() string {
	if l.Type == "" {
		return "any"
	}
	return l.Type
}

func (l FunctionLabel) read() object {
	return object{{"name", l.Name}, {"type", l.kind()}, {"attributes", mapped(l.Attributes, FunctionAttribute.read)}}
}

func (a FunctionAttribute) read() object {
	return object{{"name", a.Name}, {"input_type", a.InputType}, {"values", a.Values}}
}

func functionRoutes() []route {
	const one = "lambda/functions/{func_id}"
	return []route{
		{op: "lambda_list_functions", method: http.MethodGet, path: "lambda/functions", handle: listFunctions},
		{op: "lambda_retrieve_functions", method: http.MethodGet, path: one, handle: retrieveFunction},
		{op: "lambda_create_functions", method: http.MethodPost, path: one, handle: callFunction},
	}
}

func listFunctions(c *call) *answer {
	if len(c.s.state.functions) == 0 {
		return noNuclio("")
	}
	return ok(mapped(c.s.state.functions, func(f *Function) object { return f.read(c.s.cfg.dialect) }))
}

func retrieveFunction(c *call) *answer {
	f, refusal := c.s.function(c.vars["func_id"])
	if refusal != nil {
		return refusal
	}
	return ok(f.read(c.s.cfg.dialect))
}

// function asks Nuclio for a function. What Nuclio answers, or that it does not, is passed on.
func (s *Server) function(id string) (*Function, *answer) {
	if len(s.state.functions) == 0 {
		return nil, noNuclio("/" + id)
	}
	i := slices.IndexFunc(s.state.functions, func(f *Function) bool { return f.ID == id })
	if i < 0 {
		return nil, bare(http.StatusNotFound,
			"404 Client Error: Not Found for url: http://127.0.0.1:8070/api/functions/"+id)
	}
	return s.state.functions[i], nil
}

func noNuclio(path string) *answer {
	return bare(http.StatusServiceUnavailable, fmt.Sprintf("HTTPConnectionPool(host='127.0.0.1', port=8070): Max retries "+
		"exceeded with url: /api/functions%s (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at "+
		"0x7f2daf5804d0>: Failed to establish a new connection: [Errno 111] Connection refused'))", path))
}
