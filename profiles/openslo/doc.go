// Package openslo turns OpenSLO files into the slos: and notify: of a profile.
//
// [Import] reads the objects of one file (apiVersion openslo/v1, several YAML documents), and writes
// what of its SLOs a load test can judge. OpenSLO says where to query a metric; floodmark measures by
// itself. Which of its own metrics stands for an SLI is therefore told by a mapping, by an annotation,
// or for ratios taken to be success. What cannot be said in a profile is left out with a [Note], and
// so is what was understood otherwise than it may have been meant: nothing changes its meaning in silence.
//
// The steps, in order:
//
//  1. objects.go reads the documents, and finds one by what others call it.
//  2. indicator.go finds the expression for an SLI, objective.go the limits for it.
//  3. alerts.go makes a rule of a policy, burn.go its condition, and receivers.go those whom it tells.
//  4. write.go writes the YAML.
//
// It does not ask any data source, and knows no OpenSLO but v1.
package openslo
