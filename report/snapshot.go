package report

import "time"

// A Snapshot is how a run stands after a beat, with everything that a live view of it
// shows. A [Camera] makes one. It is plain data of a bounded size, and JSON as it
// stands: less than 100 kB, once a second. Instants are seconds from the start of the
// run, durations seconds, and nothing in it is ever changed, so that it may be read
// from many goroutines. All text in it is one clean line, fit for a terminal.
type Snapshot struct {
	Sequence int       `json:"sequence"` // beats so far; 0 before the first
	Name     string    `json:"name"`
	Target   string    `json:"target"`
	Clock    time.Time `json:"time"` // wall clock at At
	At       float64   `json:"at_seconds"`
	Planned  float64   `json:"planned_seconds"` // 0 if nobody knows
	Open     bool      `json:"open"`            // arrivals come whatever the target does; else users loop
	Phase    Phase     `json:"phase"`
	Verdict  Verdict   `json:"verdict,omitempty"` // of a run that has finished
	Reason   string    `json:"reason,omitempty"`  // the verdict in words

	Pace     Pace             `json:"pace"`
	Stages   []StageView      `json:"stages"`
	Stage    int              `json:"stage"` // index of the one that goes on, -1 for none
	Numbers  Windows[Numbers] `json:"numbers"`
	InFlight int64            `json:"in_flight"`
	Unsent   int64            `json:"unsent"` // of the run
	SLOs     []SLOView        `json:"slos"`
	History  History          `json:"history"`

	Failures  []FailureView  `json:"failures"` // most frequent first
	Generator GeneratorView  `json:"generator"`
	Alerts    []AlertView    `json:"alerts"` // those that are active first
	Endpoints []EndpointView `json:"endpoints"`
	Others    int            `json:"other_endpoints"` // that have no row, those with fewest requests
	Events    []Event        `json:"events"`          // the latest, oldest first
	Warnings  []string       `json:"warnings"`        // likewise; events have them, too
}

// A Phase is what a run is at.
type Phase string

// The phases. The zero value is a run that has not begun.
const (
	Running  Phase = "running"
	Paused   Phase = "paused"
	Draining Phase = "draining" // no new arrivals, some requests are under way
	Finished Phase = "finished"
)

// A Pace is how the load differs from its plan, and how far it may. The zero value is
// a load that follows its plan.
type Pace struct {
	Now    float64 `json:"level_now"`                     // arrivals per second, or users, that are asked for now; 0: none, or not known
	ByHand bool    `json:"by_hand,omitempty"`             // somebody has changed it
	Most   float64 `json:"level_most,omitempty"`          // a level above which somebody is to be asked first; 0: none
	Muted  float64 `json:"muted_until_seconds,omitempty"` // nobody is told of alerts until then
}

// A StageView is a stage, and what it does in words, such as "hold 500/s".
type StageView struct {
	Name   string  `json:"name"`
	Does   string  `json:"does,omitempty"`
	Start  float64 `json:"start_seconds"`
	End    float64 `json:"end_seconds"`
	Warmup bool    `json:"warmup,omitempty"`
}

// Windows has something for each stretch of the run that numbers may cover: the last
// second, warm-up included, the last ten, and the whole run without warm-up.
type Windows[T any] struct {
	Second T `json:"second"`
	Ten    T `json:"ten"`
	Run    T `json:"run"`
}

// Numbers are the counts and percentiles of a window. Percentiles are response times,
// 0 where no request ended.
type Numbers struct {
	Length    float64 `json:"seconds"` // of the window
	Asked     int64   `json:"asked"`
	Unsent    int64   `json:"unsent"`
	Succeeded int64   `json:"succeeded"`
	Failed    int64   `json:"failed"`
	Late      int64   `json:"late"`
	P50       float64 `json:"p50_seconds"`
	P95       float64 `json:"p95_seconds"`
	P99       float64 `json:"p99_seconds"`
	Max       float64 `json:"max_seconds"`
}

// Finished returns how many requests ended.
func (n *Numbers) Finished() int64 { return n.Succeeded + n.Failed }

// An SLOView is how an objective stands in the run so far.
type SLOView struct {
	Name       string   `json:"name"`
	Expression string   `json:"expression"` // with its selection
	Verdict    string   `json:"verdict"`    // met, missed or inconclusive
	HasData    bool     `json:"has_data"`
	Observed   float64  `json:"observed"`
	Limit      float64  `json:"limit"`
	Unit       string   `json:"unit"`
	Left       *float64 `json:"budget_left"` // share of the planned run's error budget, less than 0 if more was used; null without a budget
	Burn       *float64 `json:"burn"`        // 1 uses the budget up exactly; null without one
	Latency    float64  `json:"latency_limit_seconds,omitempty"`
	Margin     string   `json:"margin,omitempty"` // how far from the limit, in words
	Note       string   `json:"note,omitempty"`   // when it was bad, or what it lacks
	Window     string   `json:"window"`           // what Observed covers
}

// A History is the latest intervals, oldest first, a column for each. All its lists
// are equally long.
type History struct {
	End       []float64 `json:"end_seconds"` // of each interval
	Asked     []float64 `json:"asked_per_second"`
	Sent      []float64 `json:"sent_per_second"`
	Completed []float64 `json:"completed_per_second"`
	Failed    []float64 `json:"failed_per_second"`
	P50       []float64 `json:"p50_seconds"`
	P95       []float64 `json:"p95_seconds"`
	P99       []float64 `json:"p99_seconds"`
	Classes   [][]int64 `json:"classes"`        // requests by class of response time; the last one is above all bounds
	Bounds    []float64 `json:"bounds_seconds"` // the classes' highest values
}

// A FailureView is one way in which requests fail.
type FailureView struct {
	Label    string         `json:"label"`
	Count    Windows[int64] `json:"count"`
	At       float64        `json:"at_seconds"` // of the sample
	Endpoint string         `json:"endpoint,omitempty"`
	Sample   string         `json:"sample,omitempty"` // what was said, from the target: do not trust it
}

// A GeneratorView is how the generator does: amounts of the last ten seconds, and
// whether the run so far can be trusted. What a system does not tell is 0.
type GeneratorView struct {
	Valid     bool     `json:"valid"`
	Words     string   `json:"words"` // the verdict
	Reasons   []string `json:"reasons"`
	CPURatio  float64  `json:"cpu_ratio"` // of what it may use
	CPUs      float64  `json:"cpus"`
	CPURule   float64  `json:"cpu_rule"` // from where on it is not trusted; 0 never
	PacingP99 float64  `json:"pacing_p99_seconds"`
	LagP99    float64  `json:"lag_p99_seconds"`
	LagRule   float64  `json:"lag_rule_seconds"` // of pacing; 0 none
	GCLongest float64  `json:"gc_pause_max_seconds"`
	Throttled float64  `json:"throttled_seconds"`
	Heap      int64    `json:"heap_bytes"`
	Resident  int64    `json:"resident_bytes"`
	Files     int64    `json:"fds"`
	FileLimit int64    `json:"fd_limit"`
	TimeWait  int64    `json:"time_wait"`
	Ports     int64    `json:"local_ports"`
}

// An AlertView is how an alert stands, and who knows.
type AlertView struct {
	Name  string     `json:"name"`
	State string     `json:"state"` // inactive, pending, firing or recovering
	When  string     `json:"when"`
	Unit  string     `json:"unit"`
	Value float64    `json:"value"` // at At, when it changed
	Limit float64    `json:"limit"`
	Worst float64    `json:"worst"`
	Began float64    `json:"began_seconds"`
	At    float64    `json:"at_seconds"`
	Told  []ToldView `json:"told"`
}

// A ToldView is what became of the latest notice for one receiver.
type ToldView struct {
	Receiver string `json:"receiver"`
	Outcome  string `json:"outcome"` // of the latest attempt, "" before the first
	Attempts int    `json:"attempts"`
}

// An EndpointView is what an endpoint did, and its latest forty seconds.
type EndpointView struct {
	Name    string           `json:"name"`
	Numbers Windows[Numbers] `json:"numbers"`
	P99     []float64        `json:"p99_seconds"` // by second
	Heat    []Heat           `json:"heat"`        // by second
	Failure string           `json:"failure,omitempty"`
	Sample  string           `json:"sample,omitempty"`
}

// An Event is something that happened to the run.
type Event struct {
	At   float64 `json:"at_seconds"`
	Kind string  `json:"kind"` // firing, resolved, delivery, marker, control, warning or note
	Text string  `json:"text"`
}

// Kinds of events.
const (
	EventFiring   = "firing"
	EventResolved = "resolved"
	EventDelivery = "delivery"
	EventMarker   = "marker"  // set by hand, such as "deployed v2"
	EventControl  = "control" // a change of the load by hand
	EventWarning  = "warning"
	EventNote     = "note"
)
