package main

import (
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/spf13/cobra"
)

// pprofFlags say where profiles of floodmark itself go, for `go tool pprof`. They
// are for those who work on it, and not shown in the help.
type pprofFlags struct{ cpu, heap string }

func (f *pprofFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.cpu, "pprof-cpu", "", "write floodmark's own CPU profile to this file")
	fs.StringVar(&f.heap, "pprof-heap", "", "write floodmark's own heap profile, at the end of the load, to this file")
	_ = fs.MarkHidden("pprof-cpu")
	_ = fs.MarkHidden("pprof-heap")
}

// start begins what is wanted. The function that it returns ends it.
func (f *pprofFlags) start() (stop func() error, err error) {
	heap := func() error { return writeProfile(f.heap, heapProfile) }
	if f.cpu == "" {
		return heap, nil
	}
	file, err := os.Create(f.cpu)
	if err != nil {
		return nil, usageFault(err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return errors.Join(file.Close(), heap())
	}, nil
}

// writeProfile writes a profile to a file, nothing without a path.
func writeProfile(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// heapProfile writes what is in use now.
func heapProfile(w io.Writer) error {
	runtime.GC() // what is in use is known as of the last collection
	return pprof.Lookup("heap").WriteTo(w, 0)
}
