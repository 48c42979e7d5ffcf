package cvat

// fileRecord writes down the steps of one file before they are done. A nil record keeps nothing.
type fileRecord struct {
	state *uploadState
	index int
}

// known returns what another process has left.
func (r *fileRecord) known() fileState {
	if r == nil {
		return fileState{}
	}
	r.state.mu.Lock()
	defer r.state.mu.Unlock()
	return r.state.files[r.index]
}

// write keeps errors for the end of the file: see [uploadState.trouble].
func (r *fileRecord) write(step fileState) {
	if r == nil {
		return
	}
	step.Index = r.index
	_ = r.state.note(stateEvent{File: &step})
}

func (r *fileRecord) beginning() { r.write(fileState{Begun: true}) }

func (r *fileRecord) begun(id, name string) { r.write(fileState{Begun: true, ID: id, Name: name}) }

func (r *fileRecord) sending(id, name string, offset, size int64) {
	r.write(fileState{Begun: true, ID: id, Name: name, Offset: offset, Size: size})
}

func (r *fileRecord) completed(name string) { r.write(fileState{Name: name, Done: true}) }
