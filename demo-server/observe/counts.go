package observe

import "encoding/json"

// Plus returns both counts together.
func (c Counts) Plus(other Counts) Counts {
	c.Total += other.Total
	c.InFlight += other.InFlight
	for class, n := range other.Class {
		c.Class[class] += n
	}
	return c
}

// countsJSON is what counts are in JSON.
type countsJSON struct {
	Total    uint64            `json:"total"`
	InFlight uint64            `json:"in_flight"`
	Classes  map[string]uint64 `json:"classes"` // none, 1xx to 5xx; those that there were
}

// MarshalJSON writes the classes by their names.
func (c Counts) MarshalJSON() ([]byte, error) {
	written := countsJSON{Total: c.Total, InFlight: c.InFlight, Classes: make(map[string]uint64)}
	for class, n := range c.Class {
		if n > 0 {
			written.Classes[className(class)] = n
		}
	}
	return json.Marshal(written)
}

// UnmarshalJSON reads what MarshalJSON has written.
func (c *Counts) UnmarshalJSON(text []byte) error {
	var written countsJSON
	if err := json.Unmarshal(text, &written); err != nil {
		return err
	}
	*c = Counts{Total: written.Total, InFlight: written.InFlight}
	for class := range c.Class {
		c.Class[class] = written.Classes[className(class)]
	}
	return nil
}
