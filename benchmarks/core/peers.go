// Go on the same workloads: `peers WORKLOAD UNITS SIZE` prints one line of JSON, or nothing where it has no such workload.
// One processor, as all the others run on one thread: with two, a switch could be two goroutines that run side by side.
package main

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// What is measured: so many units. What has to be there before was made by whoever returns one.
type job func(units int)

const tasks = 10

// Starts ten goroutines that do their share, and waits for them.
func shared(units int, work func(times int)) {
	var group sync.WaitGroup
	group.Add(tasks)
	for i := 0; i < tasks; i++ {
		go func() {
			work(units / tasks)
			group.Done()
		}()
	}
	group.Wait()
}

func switches(units int) {
	shared(units, func(times int) {
		for i := 0; i < times; i++ {
			runtime.Gosched()
		}
	})
}

func pingPong(units int) {
	there, back := make(chan int), make(chan int)
	go func() {
		for i := 0; i < units; i++ {
			back <- <-there
		}
	}()
	for i := 0; i < units; i++ {
		there <- i
		<-back
	}
}

func spawnJoin(units int) {
	for i := 0; i < units; i++ {
		done := make(chan int, 1)
		go func() { done <- 1 }()
		<-done
	}
}

func gather(units int) {
	results := make([]int, units)
	var group sync.WaitGroup
	group.Add(units)
	for i := 0; i < units; i++ {
		go func(i int) {
			runtime.Gosched()
			results[i] = i
			group.Done()
		}(i)
	}
	group.Wait()
}

// Two goroutines give way to each other; both are at the bottom of so many calls when the measurement begins.
func depth(size int) job {
	start, done := make(chan int), make(chan int)
	var down func(level int)
	down = func(level int) {
		if level > 0 {
			down(level - 1)
			return
		}
		done <- 0
		for times := range start {
			for i := 0; i < times; i++ {
				runtime.Gosched()
			}
			done <- times
		}
	}
	for i := 0; i < 2; i++ {
		go down(size)
		<-done
	}
	return func(units int) {
		start <- units / 2
		start <- units / 2
		<-done
		<-done
	}
}

func queue(units int) {
	items := make(chan int, 100)
	go func() {
		for i := 0; i < units; i++ {
			items <- i
		}
	}()
	for i := 0; i < units; i++ {
		<-items
	}
}

func cancel(units int) {
	var group sync.WaitGroup
	group.Add(units)
	work := func(ctx context.Context) {
		defer group.Done()
		<-ctx.Done()
	}
	stops := make([]context.CancelFunc, units)
	for i := range stops {
		ctx, stop := context.WithCancel(context.Background())
		stops[i] = stop
		go work(ctx)
	}
	runtime.Gosched()
	for _, stop := range stops {
		stop()
	}
	group.Wait()
}

func mutex(units int) {
	var lock sync.Mutex
	shared(units, func(times int) {
		for i := 0; i < times; i++ {
			lock.Lock()
			runtime.Gosched()
			lock.Unlock()
		}
	})
}

func limited(limit time.Duration) {
	ctx, stop := context.WithTimeout(context.Background(), limit)
	defer stop()
	runtime.Gosched()
	_ = ctx.Err()
}

func timeout(units int) {
	for i := 0; i < units; i++ {
		limited(time.Second)
	}
}

func sleeps(units int) {
	var group sync.WaitGroup
	group.Add(units)
	for i := 0; i < units; i++ {
		go func(i int) {
			time.Sleep(time.Duration(i*7919%1000) * time.Millisecond)
			group.Done()
		}(i)
	}
	group.Wait()
}

func memory(units int) {
	for i := 0; i < units; i++ {
		go time.Sleep(time.Minute)
	}
	time.Sleep(300*time.Millisecond + time.Duration(units/200)*time.Millisecond)
}

// Deadlines between one and two minutes from now, in no order.
func far(i int) time.Duration {
	return time.Minute + time.Duration(i*7919%60_000)*time.Millisecond
}

func timers(size int) job {
	for i := 0; i < size; i++ {
		time.AfterFunc(far(i), func() {})
	}
	return func(units int) {
		for i := 0; i < units; i++ {
			limited(far(i))
		}
	}
}

func growth(size int) job {
	return func(units int) {
		for done := 0; done < units; done += size {
			gather(size)
		}
	}
}

func compute() {
	for end := time.Now().Add(20 * time.Microsecond); time.Now().Before(end); {
	}
}

// How late each sleep ended, in ms.
var late []float64

// Sleeps of 10 ms while a hundred goroutines compute and give way every 20 us.
func latency(units int) {
	const sleep = 10 * time.Millisecond
	left := int64(units)
	var lock sync.Mutex
	var group sync.WaitGroup
	group.Add(120)
	for i := 0; i < 100; i++ {
		go func() {
			defer group.Done()
			for atomic.LoadInt64(&left) > 0 {
				compute()
				runtime.Gosched()
			}
		}()
	}
	for i := 0; i < 20; i++ {
		go func() {
			defer group.Done()
			for atomic.AddInt64(&left, -1) >= 0 {
				start := time.Now()
				time.Sleep(sleep)
				lock.Lock()
				late = append(late, (time.Since(start)-sleep).Seconds()*1e3)
				lock.Unlock()
			}
		}()
	}
	group.Wait()
}

func percentiles(values []float64) []float64 {
	sort.Float64s(values)
	var found []float64
	for _, percent := range []float64{50, 75, 90, 95, 99, 99.9, 100} {
		found = append(found, values[int(math.Ceil(percent/100*float64(len(values))))-1])
	}
	return found
}

func plain(work job) func(int) job {
	return func(int) job { return work }
}

var workloads = map[string]func(size int) job{
	"switch":        plain(switches),
	"ping-pong":     plain(pingPong),
	"spawn-join":    plain(spawnJoin),
	"gather":        plain(gather),
	"growth":        growth,
	"depth":         func(int) job { return depth(100) },
	"depth-growth":  depth,
	"queue":         plain(queue),
	"cancel":        plain(cancel),
	"mutex":         plain(mutex),
	"timeout":       plain(timeout),
	"sleeps":        plain(sleeps),
	"million":       plain(sleeps),
	"memory":        plain(memory),
	"memory-growth": plain(memory),
	"timers":        timers,
	"latency":       plain(latency),
}

func usage() (cpu time.Duration, rss float64) {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	// Linux counts the memory in KiB.
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), float64(used.Maxrss) / 1024
}

// Bytes that goroutines and what they hold keep: their stacks lie outside of the heap.
func kept() float64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc + stats.StackInuse)
}

func main() {
	load, ok := workloads[os.Args[1]]
	if !ok {
		return
	}
	runtime.GOMAXPROCS(1)
	units, _ := strconv.Atoi(os.Args[2])
	size, _ := strconv.Atoi(os.Args[3])
	work := load(size)
	heap := kept()
	cpu, _ := usage()
	start := time.Now()
	work(units)
	wall := time.Since(start)
	after, rss := usage()
	each := float64(units)
	sample := map[string]any{
		"wall": float64(wall) / each,
		"cpu":  float64(after-cpu) / each,
		"heap": (kept() - heap) / each,
		"rss":  rss,
	}
	if len(late) > 0 {
		sample["late"] = percentiles(late)
	}
	_ = json.NewEncoder(os.Stdout).Encode(sample)
}
