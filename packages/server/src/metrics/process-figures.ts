import { type Collector, counter, gauge } from "./family.ts";

/** What every process shows of itself, by the names that Prometheus' own clients use. */
export const processFigures: Collector = () => {
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  return [
    counter("process_cpu_user_seconds_total", "CPU time spent in the program, in seconds.", user / 1e6),
    counter("process_cpu_system_seconds_total", "CPU time spent in the system, in seconds.", system / 1e6),
    counter("process_cpu_seconds_total", "CPU time spent, in seconds.", (user + system) / 1e6),
    gauge("process_resident_memory_bytes", "Resident memory in bytes.", memory.rss),
    gauge("nodejs_heap_size_used_bytes", "Memory of the JavaScript heap that is in use, in bytes.", memory.heapUsed),
    gauge("nodejs_external_memory_bytes", "Memory outside of the JavaScript heap that belongs to its objects, in bytes.", memory.external),
    gauge("process_start_time_seconds", "When the process started, in seconds since 1970.", performance.timeOrigin / 1e3, "max"),
  ];
};
