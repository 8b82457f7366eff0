internal import HeapModule

/// What happens when: one event after the other, the earliest first, those of the same moment in the order in which
/// they were planned.
final class Scheduler {
  private struct Entry: Comparable {
    let time: VirtualTime
    let order: UInt64
    let event: Event

    static func < (a: Self, b: Self) -> Bool { (a.time, a.order) < (b.time, b.order) }
    static func == (a: Self, b: Self) -> Bool { a.order == b.order }
  }

  private var entries = Heap<Entry>()
  private var planned: UInt64 = 0
  /// The moment of the last event taken.
  private(set) var now = VirtualTime.zero

  /// Plans `event` for `time`, or for now where that has passed. O(log n).
  func plan(_ event: Event, at time: VirtualTime) {
    entries.insert(Entry(time: max(time, now), order: planned, event: event))
    planned += 1
  }

  /// Plans `event` for some time from now. O(log n).
  func plan(_ event: Event, after span: VirtualTime) {
    plan(event, at: now + span)
  }

  /// Takes the next event that happens at `end` or before; nil if there is none, and then it is `end`. O(log n).
  func next(until end: VirtualTime) -> Event? {
    guard let first = entries.min, first.time <= end else {
      now = max(now, end)
      return nil
    }
    now = entries.removeMin().time
    return first.event
  }
}
