package measure

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// backendTag begins the tags of response times by the address that answered.
const backendTag = "backend/"

// pacingTag marks the lateness of the pacer, which belongs to no series.
const pacingTag = "pacing"

// A LogWriter appends the histograms of intervals to an HdrHistogram interval
// log (.hlog), values in nanoseconds. Each interval is a group of lines: first
// the response times of all requests, without a tag, which is what tools show by
// default; then one line for each series and clock, tagged
//
//	clock/series-number/endpoint
//
// such as response/2/list_products, one for each backend, tagged backend/address,
// with its response times, and one tagged pacing for the lateness of the pacer. Each group reaches the writer in one Write,
// so that a crash cuts a file between groups, or within the last one only.
type LogWriter struct {
	w      io.Writer
	tags   []string // by series, without the clock
	buffer bytes.Buffer
	packer packer
}

// NewLogWriter writes the log's header and returns a writer that appends to w.
// begin is the wall clock at the start of the run.
func NewLogWriter(w io.Writer, series []Series, begin time.Time) (*LogWriter, error) {
	lw := &LogWriter{w: w}
	for i, s := range series {
		lw.tags = append(lw.tags, strconv.Itoa(i)+"/"+tagName(s.Endpoint))
	}
	log := hdr.NewHistogramLogWriter(&lw.buffer)
	err := errors.Join(
		lw.packer.prepare(),
		log.OutputComment("[floodmark: nanoseconds; untagged lines are the response times of all requests]"),
		log.OutputLogFormatVersion(),
		log.OutputStartTime(begin.UnixMilli()),
		log.OutputBaseTime(begin.UnixMilli()),
		log.OutputLegend(),
		lw.flush(),
	)
	return lw, err
}

// Write appends one interval.
func (lw *LogWriter) Write(in *Interval) error {
	var all Histogram
	for _, part := range in.Series {
		all.Add(&part.Response)
	}
	err := lw.add(in, &all, "")
	for _, part := range in.Series {
		for c := range ClockCount {
			if h := part.Clock(c); h.Count() > 0 {
				err = errors.Join(err, lw.add(in, h, c.String()+"/"+lw.tags[part.Series]))
			}
		}
	}
	for _, b := range in.Backends {
		err = errors.Join(err, lw.add(in, &b.Response, backendTag+tagName(b.Address)))
	}
	if in.Pacing.Count() > 0 {
		err = errors.Join(err, lw.add(in, &in.Pacing, pacingTag))
	}
	if err != nil {
		lw.buffer.Reset()
		return err
	}
	return lw.flush()
}

// add puts one line into the buffer: tag, start, length and largest value, and the
// histogram.
func (lw *LogWriter) add(in *Interval, h *Histogram, tag string) error {
	line := lw.buffer.AvailableBuffer()
	if tag != "" {
		line = append(append(append(line, "Tag="...), tag...), ',')
	}
	largest := min(max(h.Max(), 0), MaxDuration)
	line = fmt.Appendf(line, "%.6f,%.6f,%.6f,", in.Start.Seconds(), (in.End - in.Start).Seconds(), float64(largest)/float64(time.Millisecond))
	line, err := lw.packer.append(line, h)
	if err != nil {
		return fmt.Errorf("interval %d: %w", in.Index, err)
	}
	lw.buffer.Write(append(line, '\n'))
	return nil
}

// flush hands the buffer to the writer in one call.
func (lw *LogWriter) flush() error {
	_, err := lw.w.Write(lw.buffer.Bytes())
	lw.buffer.Reset()
	return err
}

// tagName makes a name fit for a tag, which may hold no comma, space or line
// break.
func tagName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == ',' || r <= ' ' || r == 0x7f {
			return '_'
		}
		return r
	}, name)
}

// A LogReader reads the groups that a [LogWriter] wrote.
type LogReader struct {
	in   *bufio.Reader
	line string // the untagged line that begins the next group, "" at the start
	err  error
}

// NewLogReader returns a reader of the log in r.
func NewLogReader(r io.Reader) *LogReader {
	return &LogReader{in: bufio.NewReaderSize(r, 1<<16)}
}

// Fill reads the next group and puts its buckets into the histograms of in,
// which must be the same interval read from elsewhere: counts, sums and extremes
// stay as they are there. It returns io.EOF after the last group, and
// [io.ErrUnexpectedEOF] when the file ends within a line.
func (lr *LogReader) Fill(in *Interval) error {
	if lr.line == "" {
		lr.next()
	}
	if lr.err != nil {
		return lr.err
	}
	parts := make(map[int]*Tally, len(in.Series))
	for _, part := range in.Series {
		parts[part.Series] = part.Tally
	}
	for lr.next(); lr.err == nil && strings.HasPrefix(lr.line, "Tag="); lr.next() {
		if err := fillLine(lr.line, in, parts); err != nil {
			return err
		}
	}
	if lr.err != nil && !errors.Is(lr.err, io.EOF) {
		return lr.err
	}
	return nil
}

// next reads the next line that is neither comment nor legend.
func (lr *LogReader) next() {
	for lr.err == nil {
		lr.line, lr.err = lr.in.ReadString('\n')
		if errors.Is(lr.err, io.EOF) && lr.line != "" {
			lr.err = io.ErrUnexpectedEOF
		}
		if lr.err == nil && lr.line[0] != '#' && lr.line[0] != '"' {
			return
		}
	}
}

// fillLine puts the histogram of one tagged line where its tag says.
func fillLine(line string, in *Interval, parts map[int]*Tally) error {
	fields := strings.Split(strings.TrimSpace(line), ",")
	if len(fields) != 5 {
		return fmt.Errorf("histogram log: a line of %d fields", len(fields))
	}
	h, err := histogramOf(strings.TrimPrefix(fields[0], "Tag="), in, parts)
	if err != nil || h == nil {
		return err
	}
	packed, err := hdr.DecodePacked([]byte(fields[4]))
	if err != nil {
		return fmt.Errorf("histogram log: %s: %w", fields[0], err)
	}
	return h.fill(packed)
}

// histogramOf returns the histogram that a tag names, or nil for a tag of a
// later version.
func histogramOf(tag string, in *Interval, parts map[int]*Tally) (*Histogram, error) {
	if tag == pacingTag {
		return &in.Pacing, nil
	}
	if address, ok := strings.CutPrefix(tag, backendTag); ok {
		return backendOf(address, in)
	}
	name := strings.SplitN(tag, "/", 3)
	clock, known := parseClock(name[0])
	if !known || len(name) < 2 {
		return nil, nil
	}
	series, err := strconv.Atoi(name[1])
	if err != nil {
		return nil, fmt.Errorf("histogram log: tag %q: %w", tag, err)
	}
	tally := parts[series]
	if tally == nil {
		return nil, fmt.Errorf("histogram log: tag %q names a series the interval does not have", tag)
	}
	return tally.Clock(clock), nil
}

// backendOf returns the histogram of the backend whose address a tag has.
func backendOf(address string, in *Interval) (*Histogram, error) {
	for _, b := range in.Backends {
		if tagName(b.Address) == address {
			return &b.Response, nil
		}
	}
	return nil, fmt.Errorf("histogram log: backend %s is not one of the interval's", address)
}

// fill puts the buckets of a decoded histogram into h, whose count, sum and
// extremes are known already and must agree.
func (h *Histogram) fill(packed *hdr.PackedHistogram) error {
	if packed.TotalCount() != h.count || packed.HighestTrackableValue() > int64(MaxDuration)*2 {
		return fmt.Errorf("histogram log: %d values where the interval counted %d", packed.TotalCount(), h.count)
	}
	packed.ForEachBucket(func(value, count int64) bool {
		h.addBucket(bucketIndex(min(max(time.Duration(value), 0), MaxDuration)), uint64(count))
		return true
	})
	return nil
}
