package document

import (
	"strconv"
	"strings"
)

// ParseWhole reads a whole number of at most nine quintillion.
func ParseWhole(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !IsDigits(strings.TrimPrefix(text, "-")) {
		return 0, Unreadable(Quote(text)+" is not a whole number", "write digits only, such as 5000", wantWhole)
	}
	return n, nil
}

// ParseSeed reads the seed of random numbers.
func ParseSeed(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, Unreadable(Quote(text)+" is not a seed", "write a whole number of 0 or more, such as 42", wantWhole)
	}
	return n, nil
}

// ParseNumber reads a plain decimal number.
func ParseNumber(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !IsDecimal(strings.TrimPrefix(text, "-")) {
		hint := "write a plain number, such as 5 or 0.5"
		if number, _, ok := strings.Cut(text, "/"); ok && IsDecimal(number) {
			hint = "users have no unit: write " + number
		}
		return 0, Unreadable(Quote(text)+" is not a number", hint, wantNumber)
	}
	return n, nil
}

// ParseBool reads true or false.
func ParseBool(text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, Unreadable(Quote(text)+" is neither true nor false", "write true or false", wantBool)
}
