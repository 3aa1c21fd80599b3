package slo

import "math"

// The functions of this file are exact to about 1e-12 for up to 1e9 requests.
// Plain differences of math.Lgamma would be good to 1e-7 there.

// incompleteBeta returns the regularised incomplete beta function I_x(a, b) for
// a and b above 0. It is the chance that a binomial count reaches a:
//
//	P(B >= k) = I_p(k, n-k+1)    B ~ Binomial(n, p)
//
// The continued fraction is DLMF 8.17.22 (https://dlmf.nist.gov/8.17#v), on the
// side of the mean where it converges fast.
func incompleteBeta(x, a, b float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - incompleteBeta(1-x, b, a)
	}
	return betaFactor(x, a, b) / a / betaFraction(x, a, b)
}

// betaFactor returns x^a (1-x)^b / B(a, b).
func betaFactor(x, a, b float64) float64 {
	n := a + b
	return a * (b / n) * binomial(a, n, x)
}

// binomial returns the chance of k successes in n trials of chance p, for 0 < p
// < 1; k and n need not be whole. It is the saddle-point form of C. Loader, "Fast
// and Accurate Computation of Binomial Probabilities" (2000).
func binomial(k, n, p float64) float64 {
	switch {
	case k < 0 || k > n:
		return 0
	case k == 0:
		return math.Exp(n * math.Log1p(-p))
	case k == n:
		return math.Exp(n * math.Log(p))
	}
	exponent := stirlingError(n) - stirlingError(k) - stirlingError(n-k) -
		deviance(k, n*p) - deviance(n-k, n*(1-p))
	return math.Exp(exponent) * math.Sqrt(n/(2*math.Pi*k*(n-k)))
}

// stirlingError returns what Stirling's formula lacks of log(z!).
func stirlingError(z float64) float64 {
	if z <= 15 {
		log, _ := math.Lgamma(z + 1)
		return log - (z+0.5)*math.Log(z) + z - math.Log(2*math.Pi)/2
	}
	r := 1 / (z * z)
	return (1./12 - (1./360-(1./1260-(1./1680-r/1188)*r)*r)*r) / z
}

// deviance returns x log(x/m) + m - x, without cancellation where x is near m.
func deviance(x, m float64) float64 {
	d := x - m
	if math.Abs(d) >= 0.1*(x+m) {
		return x*math.Log(x/m) - d
	}
	v := d / (x + m)
	sum, term := d*v, 2*x*v
	for j := 3.0; ; j += 2 {
		term *= v * v
		next := sum + term/j
		if next == sum {
			return sum
		}
		sum = next
	}
}

// betaFraction returns the continued fraction of I_x(a, b) by Lentz's method.
func betaFraction(x, a, b float64) float64 {
	const (
		tiny    = 1e-300
		enough  = 1e-15
		longest = 1_000_000 // about the square root of what matters
	)
	c, d, value := 1.0, 0.0, 1.0
	for m := 0.0; m < longest; m++ {
		before := value
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		even := (m + 1) * (b - m - 1) * x / ((a + 2*m + 1) * (a + 2*m + 2))
		for _, step := range [...]float64{odd, even} {
			d = 1 / nonZero(1+step*d, tiny)
			c = nonZero(1+step/c, tiny)
			value *= c * d
		}
		if math.Abs(value-before) <= enough*math.Abs(value) {
			break
		}
	}
	return value
}

// nonZero returns x, or tiny in its place if it is 0.
func nonZero(x, tiny float64) float64 {
	if x == 0 {
		return tiny
	}
	return x
}

// z95 is the 95 % point of the normal distribution.
const z95 = 1.6448536269514722

// betaQuantile returns the x at which I_x(a, b) is alpha or, for the upper end,
// 1 - alpha, with alpha = 5 %; a and b are at least 1. It starts from Abramowitz
// & Stegun 26.5.22 and refines by Newton's method within a shrinking bracket.
func betaQuantile(upper bool, a, b float64) float64 {
	want, z := alpha, z95
	if upper {
		want, z = 1-alpha, -z95
	}
	x := betaGuess(z, a, b)
	low, high := 0.0, 1.0
	for range 100 {
		excess := incompleteBeta(x, a, b) - want
		if excess > 0 {
			high = x
		} else {
			low = x
		}
		next := x - excess*x*(1-x)/betaFactor(x, a, b)
		if !(next > low && next < high) {
			next = (low + high) / 2
		}
		done := math.Abs(next-x) <= 1e-13*min(x, 1-x)
		x = next
		if done {
			break
		}
	}
	return x
}

// betaGuess approximates the point that a beta variable exceeds with the chance
// of a normal one to exceed z.
func betaGuess(z, a, b float64) float64 {
	p, q := 1/(2*a-1), 1/(2*b-1)
	h, lambda := 2/(p+q), (z*z-3)/6
	w := z*math.Sqrt(h+lambda)/h - (q-p)*(lambda+5./6-2/(3*h))
	return a / (a + b*math.Exp(2*w))
}
