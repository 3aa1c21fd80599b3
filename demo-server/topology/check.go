package topology

import (
	"fmt"
	"math"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/floodmark/floodmark/nearest"
	"github.com/floodmark/floodmark/profiles/document"
)

// Limits of what one computer is asked to play.
const (
	maxReplicas = 64
	maxMachines = 64
	maxName32   = 32 // characters, of what stands in metrics and diagrams
)

// checker notes what is wrong with values, by their paths.
type checker struct {
	*Plan
	document.Problems
}

// problems judges every part of the plan, and then the parts together.
func (d *decoder) problems() document.Problems {
	c := &checker{Plan: d.plan}
	c.checkTop(d.version)
	c.checkMachines()
	c.checkWeb()
	c.checkBalancer()
	c.checkGateway()
	c.checkRateLimit()
	c.checkBreakers()
	c.checkDatabase()
	c.checkCache()
	c.checkCDN()
	c.checkThirdParties()
	c.checkObservability()
	return c.Problems
}

func (c *checker) checkTop(version int64) {
	if version != 1 {
		if version == 0 {
			c.Missing("version", "begin with version: 1")
		} else {
			c.Add("version", "write version: 1", "there is no version %d of topologies yet", version)
		}
	}
	switch {
	case strings.TrimSpace(c.Name) == "":
		c.Add("name", "", "the name is empty")
	case len([]rune(c.Name)) > maxName || strings.ContainsFunc(c.Name, func(r rune) bool { return !unicode.IsPrint(r) }):
		c.Add("name", "", "a name has at most %d characters, all of them printable", maxName)
	}
	c.within("orchestrator.restart.backoff", c.RestartAfter, 0, time.Hour)
}

// between notes a number that is not in its range.
func (c *checker) between(path string, got, least, most int) {
	if got < least || got > most {
		c.Add(path, fmt.Sprintf("write a number from %d to %d", least, most), "%s is %d", document.LastKey(path), got)
	}
}

// real notes a number with a fraction that is not in its range.
func (c *checker) real(path string, got, least, most float64) {
	if !(got >= least && got <= most) || math.IsNaN(got) {
		c.Add(path, fmt.Sprintf("write a number from %s to %s", document.Decimal(least), document.Decimal(most)),
			"%s is %s", document.LastKey(path), strconv.FormatFloat(got, 'g', -1, 64))
	}
}

// within notes a time that is not in its range.
func (c *checker) within(path string, got, least, most time.Duration) {
	if got < least || got > most {
		c.Add(path, fmt.Sprintf("write a time from %s to %s", document.FormatDuration(least), document.FormatDuration(most)),
			"%s is %s", document.LastKey(path), document.FormatDuration(got))
	}
}

// cleanName reports whether a name can stand in the name of a host, a metric and a fault.
func cleanName(name string) bool {
	for i, r := range name {
		if (r < 'a' || r > 'z') && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != "" && len(name) <= maxName32 && !strings.HasSuffix(name, "-")
}

func (c *checker) checkMachines() {
	if len(c.Machines) > maxMachines {
		c.Add("machines", "", "there are %d machines, more than %d", len(c.Machines), maxMachines)
	}
	for _, m := range c.Machines {
		path := "machines." + m.Name
		if !cleanName(m.Name) {
			c.AddKey(path, "write small letters, digits and dashes, such as web or db-2", "%s is no name for a machine", document.Quote(m.Name))
			continue
		}
		if !c.used(m.Name) {
			c.AddKey(path, c.machineHint(m.Name), "no part is on the machine %s", document.Quote(m.Name))
		}
		c.between(path+".cores", m.Cores, 1, 1024)
		c.between(path+".queue", m.Queue, 0, 100_000)
		c.real(path+".speed", m.Speed, 0.01, 100)
		c.real(path+".contention.sigma", m.Sigma, 0, 1)
		c.real(path+".contention.kappa", m.Kappa, 0, 1)
	}
	c.checkHosts()
}

// machineHint says what to do with a machine that no part is on.
func (c *checker) machineHint(name string) string {
	var used []string
	for _, m := range c.Machines {
		if c.used(m.Name) {
			used = append(used, m.Name)
		}
	}
	if meant := nearest.Word(name, used); meant != "" {
		return `did you mean "` + meant + `"?`
	}
	return "write machine: " + name + " below web, database or cache, or remove it"
}

// checkHosts asks that no two hosts have one name: a machine may be called as a node that
// is on none.
func (c *checker) checkHosts() {
	if c.Web.Replicas > maxReplicas || c.Cache != nil && c.Cache.Nodes > maxReplicas || c.Gateway != nil && c.Gateway.Replicas > maxReplicas {
		return // which is said elsewhere
	}
	machine := map[string]string{}
	for _, host := range c.Hosts() {
		name := ""
		if host.Machine != nil {
			name = host.Machine.Name
		}
		other, taken := machine[host.Name]
		if taken {
			c.AddKey("machines."+name+other, "call the machine something else", "both a machine and a node are called %s", host.Name)
		}
		machine[host.Name] = name
	}
}

// onMachine notes a machine that is not there.
func (c *checker) onMachine(path, name string) {
	if name == "" || c.hasMachine(name) {
		return
	}
	var known []string
	for _, m := range c.Machines {
		known = append(known, m.Name)
	}
	hint := "add it below machines"
	if len(known) > 0 {
		hint = document.DidYouMean(name, known)
	}
	c.Add(path, hint, "there is no machine %s", document.Quote(name))
}

// address notes what is not host:port.
func (c *checker) address(path, text string) {
	host, port, err := net.SplitHostPort(text)
	number, errPort := strconv.Atoi(port)
	if err != nil || errPort != nil || host == "" || number < 1 || number > 65535 || strings.ContainsAny(host, " /") {
		c.Add(path, "write host:port, such as 127.0.0.1:6379", "%s is not an address", document.Quote(text))
	}
}

// pathIn returns the path of an item of a list.
func pathIn(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// distinct notes what is named twice.
func (c *checker) distinct(list string, names []string) {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			c.Add(pathIn(list, i), "remove one of the two", "%s stands here twice", document.Quote(name))
		}
	}
}
