/**
 * A histogram of the time that requests took, by route and class of status, in Prometheus' text format. prom-client's own
 * checks the labels and joins them to a key at each observation, which was a tenth of what a tile cost; here an
 * observation is a number in an array.
 */
const NAME = 'assent_http_request_seconds';
const HELP = 'Time to the start of an answer, by route and class of status';
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;
const LAST_CLASS = STATUS_CLASSES.length - 1;

/** How many observations each bound is the first to hold, then how many none holds, then the sum of all. */
type Series = Float64Array;
const BEYOND = BOUNDS.length;
const SUM = BEYOND + 1;

export class RequestTimes {
  /** By route, then by class of status. */
  private readonly routes = new Map<string, (Series | undefined)[]>();

  /** @param route of a closed list, and without characters that would have to be escaped */
  observe(route: string, status: number, seconds: number): void {
    const series = this.seriesOf(route, status);
    let bound = 0;
    while (bound < BEYOND && seconds > BOUNDS[bound]!) bound++;
    series[bound]!++;
    series[SUM]! += seconds;
  }

  text(): string {
    const lines = [`# HELP ${NAME} ${HELP}`, `# TYPE ${NAME} histogram`];
    for (const [route, ofRoute] of this.routes) {
      ofRoute.forEach((series, statusClass) => {
        if (series !== undefined)
          lines.push(...linesOf(series, `route="${route}",status="${STATUS_CLASSES[statusClass]}"`));
      });
    }
    return `${lines.join('\n')}\n`;
  }

  private seriesOf(route: string, status: number): Series {
    let ofRoute = this.routes.get(route);
    if (ofRoute === undefined) {
      ofRoute = STATUS_CLASSES.map(() => undefined);
      this.routes.set(route, ofRoute);
    }
    const statusClass = status >= 100 && status < 600 ? Math.floor(status / 100) - 1 : LAST_CLASS;
    ofRoute[statusClass] ??= new Float64Array(SUM + 1);
    return ofRoute[statusClass];
  }
}

function linesOf(series: Series, labels: string): string[] {
  let count = 0;
  const buckets = [...BOUNDS, '+Inf'].map((bound, i) => {
    count += series[i]!;
    return `${NAME}_bucket{le="${bound}",${labels}} ${count}`;
  });
  return [...buckets, `${NAME}_sum{${labels}} ${series[SUM]}`, `${NAME}_count{${labels}} ${count}`];
}
