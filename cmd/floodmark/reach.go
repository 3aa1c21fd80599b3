package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/control"
	"github.com/floodmark/floodmark/runs"
)

// A reached run is one under way, and a connection to it.
type reached struct {
	*control.Client
	name string
}

// reach connects to the run that a reference names, or to the only one that is under way
// if it is "".
func reach(ctx context.Context, root, ref string, mode control.Mode) (*reached, error) {
	if ref == "" {
		return reachOnly(ctx, root, mode)
	}
	saved, err := openRun(root, []string{ref})
	if err != nil {
		return nil, err
	}
	client, err := control.Dial(ctx, saved.Dir, mode)
	if err != nil {
		return nil, unreached(saved, err)
	}
	return &reached{client, saved.Name}, nil
}

// unreached says why a run cannot be reached. That it is not under way is a fault of who
// names it; that it does not answer is not.
func unreached(saved *runs.Saved, err error) error {
	f := &fault{code: exitRefused, err: fmt.Errorf("%s: %w", saved.Name, err)}
	if errors.Is(err, control.ErrNotRunning) {
		f.code = exitUsage
		f.hints = []string{"what it recorded: floodmark report " + saved.Name}
	}
	return f
}

// reachOnly connects to the run that is under way, if there is just one.
func reachOnly(ctx context.Context, root string, mode control.Mode) (*reached, error) {
	list, err := runs.List(root)
	if err != nil {
		return nil, withExit(exitUsage, err)
	}
	var found []*reached
	var silent error
	for i := range list {
		if list[i].Finished {
			continue
		}
		client, err := control.Dial(ctx, list[i].Dir, mode)
		switch {
		case err == nil:
			found = append(found, &reached{client, list[i].Name})
		case !errors.Is(err, control.ErrNotRunning) && silent == nil:
			silent = unreached(&list[i], err)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return nil, several(found)
	case silent != nil:
		return nil, silent
	}
	return nil, usageFault(fmt.Errorf("no run is under way in %s", root),
		"--runs DIR says where runs are saved; with --no-save or --no-control they cannot be reached")
}

// several lets go of runs, and names them.
func several(found []*reached) error {
	var names []string
	for _, r := range found {
		names = append(names, r.name)
		_ = r.Close() // nothing was asked of it
	}
	slices.Sort(names)
	return usageFault(fmt.Errorf("%s are under way: %s", plural(len(found), "run"), strings.Join(names, ", ")), "say which of them you mean")
}
