package dashboard

// A rateForm is how much of the rates is told.
type rateForm struct {
	unit, gap    string
	done, shared bool
}

// rateTokens are the rates in as many words as a width holds.
func (s *scene) rateTokens(width int) (out []token) {
	for _, form := range []rateForm{
		{"/s", "  ", true, true},
		{"/s", "  ", true, false},
		{"/s", " ", true, false},
		{"", " ", true, false},
		{"/s", "  ", false, false},
		{"", " ", false, false},
	} {
		out = s.ratesIn(form)
		wide := 0
		for _, t := range out {
			wide += columns(t.text)
		}
		if wide <= width {
			break
		}
	}
	return out
}

// ratesIn are the rates in a form. Users ask for no rate: there are so many of them, and
// what they send is what they get answers for.
func (s *scene) ratesIn(form rateForm) (out []token) {
	n := s.numbers
	sentCount := n.Asked - n.Unsent
	share, colour, number := ratio(sentCount, n.Asked), good, strong
	if n.Asked > 0 && share < reached {
		colour, number = bad, bad
	}
	gap := ""
	add := func(label string, i ink, value string, of ink) {
		out = append(out, token{gap + label, i}, token{value, of})
		gap = form.gap
	}
	switch {
	case s.Open:
		add("asked ", asked, rate(n.Asked, n.Length)+form.unit, strong)
	case s.Pace.Now > 0:
		add("users ", asked, wholeLevel(s.Pace.Now), strong)
	}
	add("sent ", sent, rate(sentCount, n.Length), number)
	if !s.Open {
		out[len(out)-1].text += form.unit
	}
	if s.Open && form.shared && n.Asked > 0 {
		add("", plain, shareText(share), colour)
	}
	if form.done {
		add("done ", completed, rate(n.Finished(), n.Length), strong)
	}
	return out
}
