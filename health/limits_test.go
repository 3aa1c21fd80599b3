package health

import (
	"testing"
	"time"
)

func TestFindQuota(t *testing.T) {
	for _, c := range []struct {
		tree string
		want Quota
	}{
		{"v2-nested", Quota{CPUs: 1.5, Cgroup: "/sys/fs/cgroup/user.slice", Throttled: 700 * time.Millisecond}},
		{"v1-container", Quota{CPUs: 2, Cgroup: "/sys/fs/cgroup/cpu,cpuacct", V1: true, Throttled: 2500 * time.Microsecond}},
		{"hybrid", Quota{}},
		{"none", Quota{}},
	} {
		if got := FindQuota(tree(t, c.tree)); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.tree, got, c.want)
		}
	}
	if got := FindQuota(nil); got != (Quota{}) {
		t.Errorf("without files: got %+v, want none", got)
	}
}
