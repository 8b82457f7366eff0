internal import Anabranch
internal import AnabranchCore

/// The picture of a run, drawn while it goes on: what machines wrote, and what happened to them. It looks at nothing that the run does
/// not look at anyway, so that a run that is drawn goes as one that is not.
struct Sketch {
  /// Why a machine does not run, or cannot be reached.
  enum Reason: Hashable {
    /// Its program ended.
    case ended
    /// Nobody uses it, or its lid is shut.
    case asleep
    /// Its network, or that of others, is gone.
    case unreachable

    fileprivate var condition: CausalDiagram.Condition { self == .unreachable ? .apart : .off }
  }

  private var diagram = CausalDiagram()
  /// The lane of each machine by its number.
  private var lanes: [Int: Int] = [:]
  /// The row of each change by the beginning of its hash.
  private var rows: [Bytes16: Int] = [:]
  private var words = ChangeWords()
  /// How many sightings are drawn.
  private var taken = 0
  /// How many faults keep each machine from running, or from others.
  private var reasons: [Int: [Reason: Int]] = [:]

  /// What is drawn so far.
  var picture: CausalDiagram { diagram.folded() }

  /// Begins the lane of a machine, or of whoever is called so.
  mutating func begin(_ number: Int, _ name: String) {
    if lanes[number] == nil { lanes[number] = diagram.addLane(name) }
  }

  /// Draws what was seen since the last time. `name` tells what a device is called.
  mutating func take(_ sightings: [Ledger.Sighting], at time: VirtualTime, naming name: (Digest) -> String?) {
    for sighting in sightings[taken...] {
      let writer = sighting.writer ?? Self.nobody
      begin(writer, Self.traitor)
      let change = sighting.change
      let seen = (change.dependencies.map(\.hash) + [sighting.previous?.head].compactMap { $0 }).compactMap { rows[$0] }
      let direct = Set(seen).filter { parent in !seen.contains { $0 > parent && builds($0, on: parent) } }
      rows[sighting.hash.head] = diagram.add(
        "\(change.id.log.description.prefix(8))/\(change.id.sequence)", words.text(of: change, naming: name),
        on: lanes[writer] ?? 0, buildingOn: direct, at: time.instant, goesOn: change.action != change.id.sequence)
    }
    taken = sightings.count
  }

  /// Whether a change builds on another one, directly or not. O(rows between them).
  private func builds(_ later: Int, on earlier: Int) -> Bool {
    var (waiting, seen): ([Int], Set<Int>) = ([later], [])
    while let row = waiting.popLast() {
      for parent in diagram.rows[row].point?.parents ?? [] where parent >= earlier && seen.insert(parent).inserted {
        if parent == earlier { return true }
        waiting.append(parent)
      }
    }
    return false
  }

  /// Says how it ended, then or when the last thing happened: what did not hold, if anything.
  mutating func end(_ failures: [String], at time: VirtualTime? = nil) {
    let instant = time?.instant ?? diagram.rows.last?.instant ?? VirtualTime.zero.instant
    for failure in failures { diagram.remark("✘ \(failure)", .failure, at: instant) }
    if failures.isEmpty { diagram.remark("every property held", .relief, at: instant) }
  }

  /// Says what happened to a machine, if it is there yet, or to all.
  mutating func remark(_ words: String, on number: Int?, _ tone: CausalDiagram.Remark.Tone, at time: VirtualTime) {
    let lane = number.map { lanes[$0] }
    guard lane != .some(nil) else { return }
    diagram.remark(words, on: [lane ?? nil].compactMap { $0 }, tone, at: time.instant)
  }

  /// A machine does not run any more, or cannot be reached, for one reason more.
  mutating func add(_ reason: Reason, to number: Int) {
    reasons[number, default: [:]][reason, default: 0] += 1
    show(reason.condition, of: number, includingLast: true)
  }

  /// The same for one reason less.
  mutating func remove(_ reason: Reason, from number: Int) {
    let count = reasons[number]?[reason] ?? 0
    reasons[number]?[reason] = count > 1 ? count - 1 : nil
    show(reason.condition, of: number)
  }

  /// Nobody sleeps any more, and every network is there.
  mutating func calm() {
    for number in lanes.keys.sorted() {
      for reason in [Reason.asleep, .unreachable] { reasons[number]?[reason] = nil }
      for condition in CausalDiagram.Condition.allCases { show(condition, of: number) }
    }
  }

  private mutating func show(_ condition: CausalDiagram.Condition, of number: Int, includingLast: Bool = false) {
    guard let lane = lanes[number] else { return }
    let holds = reasons[number, default: [:]].keys.contains { $0.condition == condition }
    diagram.set(condition, holds, on: lane, includingLast: includingLast)
  }

  /// What the device that has gone bad is called.
  static let traitor = "traitor"
  /// The number of its lane.
  private static let nobody = -1
}

extension VirtualTime {
  /// As a diagram shows it: in whole seconds, and in days where there are some.
  fileprivate var instant: CausalDiagram.Instant {
    let days = milliseconds / 86_400_000
    let rest = VirtualTime(microseconds: microseconds % 86_400_000_000).description.dropLast(4)
    return CausalDiagram.Instant(milliseconds, days > 0 ? "\(days) d \(rest)" : String(rest))
  }
}
