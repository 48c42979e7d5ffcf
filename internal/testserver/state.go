package testserver

// state is everything the server knows.
type state struct {
	users         table[user]
	tokens        map[string]*user // login keys
	accessTokens  table[accessToken]
	sessions      map[string]session
	resets        map[string]*user // who may reset his password, by token
	agreements    []Agreement
	organizations table[organization]
	memberships   table[membership]
	invitations   map[string]*invitation
	projects      table[project]
	tasks         table[task]
	jobs          table[job]
	issues        table[issue]
	comments      table[comment]
	labels        table[label]
	attributes    table[attribute]
	media         table[media]
	storages      int64
	logged        int // the reports of clients
	cloudStorages table[cloudStorage]
	buckets       map[string]bucket // of the cloud providers
	commits       int64
	tags          int64 // the last ids of annotations
	shapes        int64
	tracks        int64
	keyframes     int64
	exports       map[string]*export // by object and format, as 2.3 names them
	exportedFiles map[string]*download
	imports       map[string]*annotationImport
	restores      map[string]*restore    // by rq_id, at 2.3
	shared        map[string]*blob       // the files of the server's own share
	areas         map[string]*uploadArea // by collection, such as "tasks/1/data"
	requests      map[string]*request    // by rq_id
	functions     []*Function            // that are deployed
	works         []*work                // what has not ended
}

func (st *state) init() {
	st.tokens = map[string]*user{}
	st.sessions = map[string]session{}
	st.resets = map[string]*user{}
	st.invitations = map[string]*invitation{}
	st.shared = map[string]*blob{}
	st.buckets = map[string]bucket{}
	st.areas = map[string]*uploadArea{}
	st.requests = map[string]*request{}
	st.exports = map[string]*export{}
	st.exportedFiles = map[string]*download{}
	st.imports = map[string]*annotationImport{}
	st.restores = map[string]*restore{}
}
