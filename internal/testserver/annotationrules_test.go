package testserver_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

// annotatable is a task to annotate, with the ids that a document needs in place of CAR, DOG, …
type annotatable struct {
	*client
	path string // of the task
	ids  *strings.Replacer
	jobs []string
}

// annotatable makes a task with pictures, one label with attributes, one without, and a skeleton.
func (c *client) annotatable(pictures int, fields string) *annotatable {
	c.t.Helper()
	r := c.do("POST", "/api/tasks", `{"name":"t"`+fields+`,"labels":[
		{"name":"car","attributes":[
			{"name":"parked","mutable":true,"input_type":"checkbox","default_value":"false","values":["false"]},
			{"name":"model","mutable":false,"input_type":"select","default_value":"mazda","values":["mazda","bmw"]}]},
		{"name":"dog","attributes":[]},
		{"name":"pose","type":"skeleton","attributes":[],"svg":"","sublabels":[{"name":"head","type":"points","attributes":[]}]}]}`)
	require.Equal(c.t, 201, r.status, "%s", r.body)
	a := &annotatable{client: c, path: fmt.Sprintf("/api/tasks/%v", r.json(c.t)["id"])}
	files := map[string][]byte{}
	var names []string
	for n := range pictures {
		names = append(names, fmt.Sprintf("%d.png", n))
		files[names[n]] = picture(c.t, 64, 48)
	}
	require.Equal(c.t, 202, c.upload(a.path+"/data", "client_files[#]", files, names...).status)
	require.Equal(c.t, "Finished", c.settled(a.path)["state"])
	ids := numbers(c.labels(a.path))
	a.ids = strings.NewReplacer(
		"CAR", fmt.Sprint(ids["label car"]), "DOG", fmt.Sprint(ids["label dog"]), "POSE", fmt.Sprint(ids["label pose"]),
		"HEAD", fmt.Sprint(ids["label head"]), "PARKED", fmt.Sprint(ids["attribute parked"]),
		"MODEL", fmt.Sprint(ids["attribute model"]),
	)
	for _, j := range c.get("/api/jobs?page_size=all&sort=id").json(c.t)["results"].([]any) {
		a.jobs = append(a.jobs, fmt.Sprintf("/api/jobs/%v", j.(map[string]any)["id"]))
	}
	return a
}

// write sends a document to the annotations of a path.
func (a *annotatable) write(method, path, document string) *reply {
	a.t.Helper()
	return a.do(method, path, a.ids.Replace(document))
}

// wrote sends a document that is taken, and returns the answer.
func (a *annotatable) wrote(method, path, document string) string {
	a.t.Helper()
	r := a.write(method, path, document)
	require.Equal(a.t, 200, r.status, "%s", r.body)
	return string(r.body)
}

// is compares annotations with a document, in which the members that all new annotations have may be left out.
func (a *annotatable) is(want, got string) {
	a.t.Helper()
	assert.JSONEq(a.t, a.ids.Replace(want), got)
}

// frames lists the frames of the objects of a list, and of tracks those of the keyframes.
func (a *annotatable) frames(path, list string) []any {
	a.t.Helper()
	out := []any{}
	for _, item := range a.get(path + "/annotations").json(a.t)[list].([]any) {
		o := item.(map[string]any)
		if shapes, isTrack := o["shapes"].([]any); isTrack {
			var keyframes []any
			for _, k := range shapes {
				k := k.(map[string]any)
				keyframes = append(keyframes, fmt.Sprintf("%v:%v", k["frame"], k["outside"]))
			}
			out = append(out, keyframes)
			continue
		}
		out = append(out, o["frame"])
	}
	return out
}

const (
	rectangle = `{"type":"rectangle","frame":0,"label_id":CAR,"points":[1,2,30,40.5]`
	track     = `{"frame":0,"label_id":CAR,"shapes":[{"type":"rectangle","frame":0,"points":[0,0,10,10]`
)

func TestAnswersToWritesAndReads(t *testing.T) {
	t.Parallel()
	sent := `{"tags":[{"frame":0,"label_id":DOG}],"shapes":[` + rectangle + `,"attributes":[{"spec_id":MODEL,"value":"bmw"}]}],
		"tracks":[` + track + `,"attributes":[{"spec_id":PARKED,"value":true}]},
			{"type":"rectangle","frame":2,"outside":true,"points":[4,4,14,14]}]}]}`
	t.Run("2.3", func(t *testing.T) {
		t.Parallel()
		a := start(t, t, testserver.WithDialect(testserver.V2_3)).annotatable(3, "")
		a.is(`{"version":0,"tags":[],"shapes":[],"tracks":[]}`, string(a.get(a.path+"/annotations").body))
		wrote := a.wrote("PUT", a.path+"/annotations", sent)
		assert.Contains(t, wrote, `"points":[1.0,2.0,30.0,40.5]`, "as Python writes its floats")
		tag := `{"id":1,"frame":0,"label_id":DOG,"group":null,"source":"manual","attributes":[]}`
		common := `"occluded":false,"z_order":0,"rotation":0.0`
		shape := `{"type":"rectangle","outside":false,"points":[1,2,30,40.5],"id":1,"frame":0,"label_id":CAR,"group":null,
			"source":"manual","elements":[],` + common
		head := `{"id":1,"frame":0,"label_id":CAR,"group":null,"source":"manual","elements":[]`
		first := `{"type":"rectangle","outside":false,"points":[0,0,10,10],"id":1,"frame":0,
			"attributes":[{"spec_id":PARKED,"value":"True"}],` + common
		second := `{"type":"rectangle","outside":true,"points":[4,4,14,14],"id":2,"frame":2,` + common
		a.is(`{"version":0,"tags":[`+tag+`],"shapes":[`+shape+`,"attributes":[{"spec_id":MODEL,"value":"bmw"}]}],"tracks":[`+
			head+`,"attributes":[],"shapes":[`+first+`,"elements":[]},`+second+`,"attributes":[],"elements":[]}]}]}`, wrote)

		defaults := `"attributes":[{"spec_id":PARKED,"value":"false"},{"spec_id":MODEL,"value":"bmw"}]`
		read := `{"version":0,"tags":[` + tag + `],"shapes":[` + shape + `,` + defaults + `}],"tracks":[` +
			head + `,"attributes":[{"spec_id":MODEL,"value":"mazda"}],"shapes":[` + first + `},` + second +
			`,"attributes":[{"spec_id":PARKED,"value":"True"}]}]}]}`
		a.is(read, string(a.get(a.path+"/annotations").body))
		a.is(read, string(a.get(a.jobs[0]+"/annotations/").body))
	})
	t.Run("2.73", func(t *testing.T) {
		t.Parallel()
		a := start(t, t, testserver.WithDialect(testserver.V2_73)).annotatable(3, "")
		wrote := a.wrote("PUT", a.path+"/annotations", sent)
		common := `"occluded":false,"z_order":0,"rotation":0`
		tag := `{"id":1,"frame":0,"label_id":DOG,"group":0,"source":"manual","attributes":[]}`
		shape := `{"type":"rectangle","outside":false,"points":[1,2,30,40.5],"id":1,"frame":0,"label_id":CAR,"group":0,
			"source":"manual","score":1,"elements":[],` + common
		head := `{"id":1,"frame":0,"label_id":CAR,"group":0,"source":"manual","elements":[]`
		first := `{"type":"rectangle","outside":false,"points":[0,0,10,10],"id":1,"frame":0,
			"attributes":[{"spec_id":PARKED,"value":"True"}],` + common
		second := `{"type":"rectangle","outside":true,"points":[4,4,14,14],"id":2,"frame":2,` + common
		a.is(`{"version":0,"tags":[`+tag+`],"shapes":[`+shape+`,"attributes":[{"spec_id":MODEL,"value":"bmw"}]}],"tracks":[`+
			head+`,"attributes":[],"shapes":[`+first+`},`+second+`,"attributes":[]}]}],"intervals":[]}`, wrote)
	})
}

func TestChangesGoByID(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		a := start(t, t, testserver.WithDialect(d)).annotatable(3, "")
		path := a.jobs[0] + "/annotations"
		a.wrote("PATCH", path+"?action=create", `{"shapes":[`+rectangle+`},`+rectangle+`}]}`)
		a.wrote("PATCH", path+"?action=update", `{"shapes":[`+strings.Replace(rectangle, `"frame":0`, `"frame":2,"id":1`, 1)+`}]}`)
		assert.Equal(t, []any{0.0, 2.0}, a.frames(a.path, "shapes"))
		assert.Contains(t, a.wrote("PATCH", path+"?action=delete", `{"shapes":[`+rectangle+`,"id":2}]}`), `"id":2`)
		assert.Equal(t, []any{2.0}, a.frames(a.path, "shapes"))
		assert.Contains(t, string(a.get(path).body), `"id":1`, "an update keeps the id")
		a.wrote("PATCH", path+"?action=delete", `{"shapes":[`+rectangle+`,"id":99}]}`)
		assert.Equal(t, 204, a.do("DELETE", path, nil).status)
		assert.Empty(t, a.frames(a.path, "shapes"))

		for _, query := range []string{"", "?action=nope"} {
			r := a.write("PATCH", path+query, `{"shapes":[]}`)
			assert.Equal(t, 400, r.status)
			assert.JSONEq(t, `["Please specify a correct 'action' for the request"]`, string(r.body))
		}
	})
}

func TestMistakesInAnnotations(t *testing.T) {
	t.Parallel()
	const same = "" // the same at both
	for _, m := range []struct {
		name, document, want2_3, want2_73 string
	}{
		{
			"type", `{"shapes":[` + rectangle + `},{"type":"zz","label_id":CAR}]}`,
			`{"shapes":[{},{"type":["\"zz\" is not a valid choice."],"frame":["This field is required."]}]}`, same,
		},
		{
			"frame", `{"shapes":[{"type":"rectangle","frame":-1,"label_id":CAR,"points":[1,2,3,4]}]}`,
			`{"shapes":[{"frame":["Ensure this value is greater than or equal to 0."]}]}`, same,
		},
		{"label", `{"tags":[{"frame":0,"label_id":99999}]}`, "\"label_id `99999` is invalid\"", "[\"label_id `99999` is invalid\"]"},
		{
			"attribute", `{"shapes":[` + rectangle + `,"attributes":[{"spec_id":999,"value":"x"}]}]}`,
			"\"spec_id `999` is invalid\"", "[\"spec_id `999` is invalid\"]",
		},
		{
			"immutable attribute of a keyframe", `{"tracks":[` + track + `,"attributes":[{"spec_id":2,"value":"x"}]}]}]}`,
			"\"spec_id `2` is invalid\"", "[\"spec_id `2` is invalid\"]",
		},
		{
			"mutable attribute of a track", `{"tracks":[` + track + `}],"attributes":[{"spec_id":1,"value":"x"}]}]}`,
			"\"spec_id `1` is invalid\"", "[\"spec_id `1` is invalid\"]",
		},
		{
			"points", `{"shapes":[{"type":"rectangle","frame":0,"label_id":CAR,"points":[1,2]}]}`, "",
			`{"shapes":[{"points":["invalid length for shape type 'rectangle'"]}]}`,
		},
		{
			"points of a keyframe", `{"tracks":[{"frame":0,"label_id":CAR,"shapes":[{"type":"points","frame":0,"points":[1]}]}]}`, "",
			`{"tracks":[{"shapes":[{"points":["invalid length for shape type 'points'"]}]}]}`,
		},
		{
			"source", `{"shapes":[` + rectangle + `,"source":"me"}]}`, "",
			`{"shapes":[{"source":["must be one of 'auto', 'semi-auto', 'manual', 'file', 'consensus', got 'me'"]}]}`,
		},
		{"id", `{"shapes":[` + rectangle + `,"id":1}]}`, "", `{"shapes":[{"id":["must be absent"]}]}`},
		{
			"skeleton", `{"shapes":[{"type":"skeleton","frame":0,"label_id":POSE,"points":[]}]}`, "",
			`{"shapes":[{"elements":["at least one required for skeleton shape"]}]}`,
		},
		{
			"elements", `{"shapes":[` + rectangle + `,"elements":[{"type":"points","frame":0,"label_id":HEAD,"points":[1,1]}]}]}`, "",
			`{"shapes":[{"elements":["not allowed for non-skeleton shape"]}]}`,
		},
	} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			both(t, func(t *testing.T, d testserver.Dialect) {
				t.Helper()
				want := m.want2_3
				if d == testserver.V2_73 && m.want2_73 != same {
					want = m.want2_73
				}
				a := start(t, t, testserver.WithDialect(d)).annotatable(1, "")
				r := a.write("PATCH", a.path+"/annotations?action=create", m.document)
				if want == "" {
					assert.Equal(t, 200, r.status, "%s", r.body)
					return
				}
				assert.Equal(t, 400, r.status)
				assert.JSONEq(t, want, string(r.body))
				assert.Empty(t, a.frames(a.path, "shapes"), "nothing is stored")
			})
		})
	}
}

func TestMistakesThatCrash(t *testing.T) {
	t.Parallel()
	a := start(t, t, testserver.WithDialect(testserver.V2_3)).annotatable(1, "")
	assert.Equal(t, 500, a.write("PUT", a.path+"/annotations", `{"tags":[{"frame":0,"label_id":99999}]}`).status)
	assert.Equal(t, 400, a.write("PUT", a.jobs[0]+"/annotations", `{"tags":[{"frame":0,"label_id":99999}]}`).status)
	assert.Equal(t, 500, a.write("PUT", a.jobs[0]+"/annotations", `{"shapes":[`+rectangle+`,"attributes":[{"spec_id":PARKED}]}]}`).status)
}

func TestDeletionNeedsIDs(t *testing.T) {
	t.Parallel()
	a := start(t, t, testserver.WithDialect(testserver.V2_73)).annotatable(1, "")
	r := a.write("PATCH", a.path+"/annotations?action=delete", `{"shapes":[`+rectangle+`}]}`)
	assert.Equal(t, 400, r.status)
	assert.JSONEq(t, `{"shapes":[{"id":["must be present and not null"]}]}`, string(r.body))
}

func TestSkeletonsNumberTheirElementsLast(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		a := start(t, t, testserver.WithDialect(d)).annotatable(1, "")
		a.wrote("PUT", a.path+"/annotations", `{"shapes":[{"type":"skeleton","frame":0,"label_id":POSE,"points":[],"elements":[
			{"type":"points","frame":0,"label_id":HEAD,"points":[5,5]}]},`+rectangle+`}]}`)
		shapes := a.get(a.path + "/annotations").json(t)["shapes"].([]any)
		require.Len(t, shapes, 2)
		skeleton := shapes[0].(map[string]any)
		head := skeleton["elements"].([]any)[0].(map[string]any)
		assert.InDelta(t, 1, skeleton["id"], 0)
		assert.InDelta(t, 2, shapes[1].(map[string]any)["id"], 0)
		assert.InDelta(t, 3, head["id"], 0)
		assert.NotContains(t, head, "elements")
	})
}

func TestTasksDropWhatLiesOutsideAndJobsKeepIt(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		a := start(t, t, testserver.WithDialect(d)).annotatable(1, "")
		far := `{"shapes":[{"type":"rectangle","frame":77,"label_id":CAR,"points":[1,2,3,4]}]}`
		assert.Contains(t, a.wrote("PATCH", a.path+"/annotations?action=create", far), `"shapes":[]`)
		assert.Contains(t, a.wrote("PATCH", a.jobs[0]+"/annotations?action=create", far), `"frame":77`)
		assert.Equal(t, []any{77.0}, a.frames(a.jobs[0], "shapes"))
	})
}

func TestTasksAreDividedAmongTheirJobs(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		a := start(t, t, testserver.WithDialect(d)).annotatable(4, `,"segment_size":2`)
		require.Len(t, a.jobs, 2)
		a.wrote("PUT", a.path+"/annotations", `{"shapes":[`+rectangle+`},`+strings.Replace(rectangle, `"frame":0`, `"frame":3`, 1)+`}],
			"tracks":[`+track+`},{"type":"rectangle","frame":3,"points":[30,0,40,10]}]}]}`)
		assert.Equal(t, []any{0.0, 3.0}, a.frames(a.path, "shapes"))
		assert.Equal(t, []any{3.0}, a.frames(a.jobs[1], "shapes"))
		assert.Equal(t, []any{[]any{"0:false", "1:false"}}, a.frames(a.jobs[0], "tracks"), "cut at the end of the job")
		assert.Equal(t, []any{[]any{"2:false", "3:false"}}, a.frames(a.jobs[1], "tracks"), "and goes on in the next")
		assert.Contains(t, string(a.get(a.jobs[1]+"/annotations").body), `"points":[20.0,0.0,30.0,10.0]`, "interpolated")
		assert.Equal(t, []any{[]any{"0:false", "1:false", "2:true"}, []any{"2:false", "3:false"}}, a.frames(a.path, "tracks"),
			"jobs without a common frame have tracks of their own")
		a.do("DELETE", a.jobs[1]+"/annotations", nil)
		assert.Equal(t, []any{0.0}, a.frames(a.path, "shapes"))
	})
}

func TestCommonFramesOfJobsAreMerged(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		a := start(t, t, testserver.WithDialect(d)).annotatable(5, `,"segment_size":3,"overlap":1`)
		require.Len(t, a.jobs, 2)
		a.wrote("PUT", a.path+"/annotations", `{"tags":[{"frame":2,"label_id":DOG}],
			"shapes":[`+strings.Replace(rectangle, `"frame":0`, `"frame":2`, 1)+`}],
			"tracks":[`+track+`},{"type":"rectangle","frame":4,"points":[4,0,14,10]}]}]}`)
		assert.Equal(t, []any{2.0}, a.frames(a.jobs[0], "shapes"))
		assert.Equal(t, []any{2.0}, a.frames(a.jobs[1], "shapes"), "both jobs have it")
		assert.Equal(t, []any{2.0}, a.frames(a.path, "shapes"), "the task has it once")
		assert.Equal(t, []any{2.0}, a.frames(a.path, "tags"))
		assert.Equal(t, []any{[]any{"0:false", "2:false", "4:false"}}, a.frames(a.path, "tracks"))
	})
}

func TestAnnotationsOfOthersAreForbidden(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		a := start(t, t, testserver.WithDialect(d)).annotatable(1, "")
		stranger := a.as("user1")
		assert.Equal(t, 403, stranger.get(a.path+"/annotations").status)
		assert.Equal(t, 403, stranger.do("PUT", a.jobs[0]+"/annotations", "{}").status)
		assert.Equal(t, 404, a.get("/api/tasks/999/annotations").status)
	})
}

func TestIDsAreNotGivenTwice(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		a := start(t, t, testserver.WithDialect(d)).annotatable(4, `,"segment_size":2`)
		a.wrote("PUT", a.path+"/annotations", `{"shapes":[`+rectangle+`}]}`)
		r := a.write("PATCH", a.path+"/annotations?action=update", `{"shapes":[`+strings.Replace(rectangle, `"frame":0`, `"frame":3,"id":1`, 1)+`}]}`)
		assert.Equal(t, 400, r.status, "it is still there in the job that it is to leave")
		assert.Contains(t, string(r.body), `duplicate key value violates unique constraint \"engine_labeledshape_pkey\"`)
		assert.Equal(t, []any{0.0}, a.frames(a.path, "shapes"))
		a.wrote("PATCH", a.path+"/annotations?action=update", `{"shapes":[`+rectangle+`,"id":99}]}`)
		assert.Equal(t, []any{0.0, 0.0}, a.frames(a.path, "shapes"), "an update adds what is not there")
	})
}

func TestXMLOfAJob(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		a := start(t, t, testserver.WithDialect(d)).annotatable(4, `,"segment_size":2`)
		turning := `{"frame":2,"label_id":CAR,"shapes":[{"type":"rectangle","frame":2,"rotation":20,"points":[0,0,10,10]},
			{"type":"rectangle","frame":4,"rotation":350,"points":[0,0,10,10]}]}`
		a.wrote("PUT", a.jobs[1]+"/annotations", `{"tags":[{"frame":2,"label_id":DOG,"group":5}],"tracks":[`+turning+`],"shapes":[
			{"type":"points","frame":3,"label_id":DOG,"points":[1,1],"z_order":2,"group":4},
			{"type":"points","frame":3,"label_id":DOG,"points":[2,2],"z_order":1}]}`)
		file := string(a.archive(a.jobs[1], cvatForImages, false)["annotations.xml"])
		assert.Contains(t, file, `rotation="5.00"`, "the shorter way round")
		assert.Contains(t, file, `z_order="2" group_id="4">`)
		assert.Contains(t, file, `<tag label="dog" source="manual" group_id="5">`)
		assert.Less(t, strings.Index(file, `"2.00,2.00"`), strings.Index(file, `"1.00,1.00"`), "from the lowest layer up")
		images := map[testserver.Dialect]int{testserver.V2_3: 4, testserver.V2_73: 2}
		assert.Equal(t, images[d], strings.Count(file, "<image "), "2.3 writes all of the task")
		assert.Equal(t, d == testserver.V2_73, strings.Contains(file, "<job>"))
		assert.Equal(t, d == testserver.V2_3, strings.Contains(file, "<task>"))
	})
}

func TestTracksBeginWithTheirFirstKeyframe(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		a := start(t, t, testserver.WithDialect(d)).annotatable(4, "")
		late := strings.Replace(track, `"frame":0,"points"`, `"frame":2,"points"`, 1) + `}]}`
		a.wrote("PUT", a.jobs[0]+"/annotations", `{"tracks":[`+late+`]}`)
		want := map[testserver.Dialect][]any{testserver.V2_3: {"2:false"}, testserver.V2_73: {"0:true", "2:false"}}
		assert.Equal(t, []any{want[d]}, a.frames(a.jobs[0], "tracks"), "2.73 adds one that is outside")
	})
}
