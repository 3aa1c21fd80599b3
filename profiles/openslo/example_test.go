package openslo_test

import (
	"fmt"
	"strings"

	"github.com/floodmark/floodmark/profiles/openslo"
)

const shop = `apiVersion: openslo/v1
kind: SLO
metadata: { name: checkout }
spec:
  indicator:
    metadata: { name: fast }
    spec: { thresholdMetric: { metricSource: { type: Prometheus } } }
  timeWindow: [{ duration: 4w, isRolling: true }]
  budgetingMethod: Occurrences
  objectives: [{ op: lte, value: 0.3, targetPercent: 99.5 }]
`

func ExampleImport() {
	result, err := openslo.Import(strings.NewReader(shop), "shop.yaml", map[string]string{"fast": "under(300ms)"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(result.YAML))
	for _, n := range result.Notes {
		fmt.Printf("%s: %s\n", n.Where, n.Text)
	}
	// Output:
	// slos:
	//   - name: checkout
	//     objective: "under(300ms) >= 99.5%"
	// shop.yaml:8: SLO checkout: its rolling window of 4w becomes the run, as long as it lasts
	// shop.yaml:10: SLI fast: lte 0.3 of its query becomes under(300ms); whether the two mean the same is not known here
}
