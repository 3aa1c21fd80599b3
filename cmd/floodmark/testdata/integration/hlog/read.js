// Reads the untagged lines of a .hlog file, adds them up and prints as JSON what
// they hold: the number of intervals and values, and quantiles in nanoseconds.
"use strict";

const fs = require("node:fs");
const hdr = require("hdr-histogram-js");

const reader = new hdr.HistogramLogReader(fs.readFileSync(process.argv[2], "utf8"), "packed");
const sum = hdr.build({ bitBucketSize: "packed", numberOfSignificantValueDigits: 3, highestTrackableValue: 7.2e12, autoResize: true });
let intervals = 0;
for (let h = reader.nextIntervalHistogram(); h !== null; h = reader.nextIntervalHistogram()) {
  if (h.tag === undefined || h.tag === "NO TAG") {
    sum.add(h);
    intervals++;
  }
}
console.log(JSON.stringify({
  intervals,
  count: sum.totalCount,
  p50: sum.getValueAtPercentile(50),
  p99: sum.getValueAtPercentile(99),
  max: sum.maxValue,
}));
