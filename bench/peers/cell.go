package main

// A cell is one kind of load.
type cell struct {
	name        string
	words       string // in the tables
	connections int    // closed model: so many that each wait for their answers
	rate        int    // open model: arrivals per second; 0 in the closed one
	large       bool   // answers of 10 KB rather than 100 bytes
	tls         bool
}

// cells returns what is measured.
func cells() []cell {
	return []cell{
		{name: "closed-1", words: "1 connection", connections: 1},
		{name: "closed-50", words: "50 connections", connections: 50},
		{name: "closed-500", words: "500 connections", connections: 500},
		{name: "closed-50-10k", words: "50 connections, answers of 10 KB", connections: 50, large: true},
		{name: "tls-50", words: "50 connections, TLS 1.3", connections: 50, tls: true},
		{name: "open-1k", words: "1 000/s", connections: openConnections, rate: 1000},
		{name: "open-5k", words: "5 000/s", connections: openConnections, rate: 5000},
		{name: "open-20k", words: "20 000/s", connections: openConnections, rate: 20000},
	}
}

// openConnections is how many connections an open load has by tools that want to be
// told.
const openConnections = 100

// open reports whether arrivals are planned.
func (c cell) open() bool { return c.rate > 0 }
