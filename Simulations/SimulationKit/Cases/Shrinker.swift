/// Makes a failing run smaller, as long as the same property fails: fewer machines, fewer faults, fewer actions,
/// lower rates (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
public struct Shrinker {
  /// The smallest run found so far.
  public private(set) var smallest: Case
  /// Which property it violates.
  public let property: Property
  /// How many runs were tried.
  public private(set) var runs = 0
  private let runsMax: Int
  private let fails: (Case) -> Property?

  /// Nil if `start` does not fail. `fails` tells which property a run violates; `runsMax` bounds the work.
  public init?(
    _ start: Case, runsMax: Int = 2_000,
    fails: @escaping (Case) -> Property? = { Simulation($0).run().violation?.property }
  ) {
    guard let property = fails(start) else { return nil }
    self.property = property
    self.runsMax = runsMax
    self.fails = fails
    smallest = start
  }

  /// Tries smaller runs until none of them fails, or ``runsMax`` is reached.
  public mutating func shrink() {
    var before: Case
    repeat {
      before = smallest
      shrinkHosts()
      shrinkRates()
      shrinkList(count: plan.faults.count, \.withoutFaults)
      shrinkList(count: plan.actions.count, \.withoutActions)
    } while smallest != before && runs < runsMax
  }

  private var plan: Plan { smallest.plan }

  private mutating func keep(_ candidate: Case) -> Bool {
    guard runs < runsMax, candidate != smallest else { return false }
    runs += 1
    guard fails(candidate) == property else { return false }
    smallest = candidate
    return true
  }

  private mutating func shrinkHosts() {
    for host in (0..<plan.hosts).reversed() where !smallest.withoutHosts.contains(host) {
      guard plan.hosts - smallest.withoutHosts.count > 2 else { return }
      var candidate = smallest
      candidate.withoutHosts = candidate.withoutHosts.union([host])
      _ = keep(candidate)
    }
  }

  /// Lowers what goes wrong at some rate. What is drawn one by one stays: fewer of them would be others.
  private mutating func shrinkRates() {
    for knob in Knob.allCases where knob.isRate && smallest.options[knob] != knob.floor {
      var candidate = smallest
      candidate.options[knob] = knob.floor
      if keep(candidate) { continue }
      candidate.options[knob] = max(knob.floor, smallest.options[knob] / 2)
      _ = keep(candidate)
    }
  }

  /// Leaves out more and more items of a list, in pieces that get smaller.
  private mutating func shrinkList(count: Int, _ list: WritableKeyPath<Case, NumberSet>) {
    var size = max(1, count / 2)
    while runs < runsMax {
      let left = (0..<count).filter { !smallest[keyPath: list].contains($0) }
      for start in stride(from: 0, to: left.count, by: size) {
        var candidate = smallest
        candidate[keyPath: list] = candidate[keyPath: list].union(left[start..<min(start + size, left.count)])
        _ = keep(candidate)
      }
      if size == 1 { return }
      size = max(1, size / 2)
    }
  }
}
