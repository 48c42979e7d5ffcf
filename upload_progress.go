package cvat

import "sync"

// uploadProgress tells a caller how far an upload has come, from the caller's own goroutine. A nil one tells nobody.
type uploadProgress struct {
	tell func(UploadProgress)
	news chan struct{} // holds one if there is something to tell

	mu   sync.Mutex
	at   UploadProgress
	done []int64 // by file
}

// newUploadProgress returns nil if nobody listens.
func newUploadProgress(tell func(UploadProgress), files []sourceFile) *uploadProgress {
	if tell == nil {
		return nil
	}
	p := &uploadProgress{tell: tell, news: make(chan struct{}, 1), done: make([]int64, len(files))}
	for _, file := range files {
		p.at.Total += file.size
	}
	p.at.File = files[0].name
	return p
}

// moved notes how much of a file has arrived.
func (p *uploadProgress) moved(index int, name string, done int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.at.File = name
	p.at.Done += done - p.done[index]
	p.done[index] = done
	p.mu.Unlock()
	select {
	case p.news <- struct{}{}:
	default: // the caller has not looked yet
	}
}

// follow tells what there is to tell until the end.
func (p *uploadProgress) follow(ended <-chan struct{}) {
	if p == nil {
		<-ended
		return
	}
	for {
		select {
		case <-p.news:
			p.report()
		case <-ended:
			select {
			case <-p.news:
				p.report()
			default:
			}
			return
		}
	}
}

func (p *uploadProgress) report() {
	if p == nil {
		return
	}
	p.mu.Lock()
	at := p.at
	p.mu.Unlock()
	p.tell(at)
}
