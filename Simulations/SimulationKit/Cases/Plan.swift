internal import SeededRandom

/// All that people will do and all that will go wrong in a run, drawn before it begins.
///
/// Each item has a seed of its own, so that leaving some out changes nothing about the others: that is what lets a
/// failure be shrunk to the few that matter.
public struct Plan: Hashable, Sendable {
  /// Something a person does.
  public struct Action: Hashable, Sendable {
    /// When.
    public var time: VirtualTime
    /// On which machine.
    public var host: Int
    /// What, unless the machine is off or nothing is there to do it to.
    public var kind: Kind
    /// What else is to be drawn for it.
    public var seed: UInt64
  }

  /// Something that goes wrong, and for some the time until it is right again.
  public struct Fault: Hashable, Sendable {
    /// When.
    public var time: VirtualTime
    /// For which machine; of several, the first.
    public var host: Int
    /// What.
    public var kind: FaultKind
    /// For how long.
    public var span: VirtualTime
    /// What else is to be drawn for it.
    public var seed: UInt64
  }

  /// In the order of their times.
  public var actions: [Action] = []
  /// In the order of their times.
  public var faults: [Fault] = []
  /// How long all that takes.
  public var span: VirtualTime
  /// How many machines there are in the end.
  public var hosts: Int

  /// An empty plan.
  public init(hosts: Int, span: VirtualTime) {
    self.hosts = hosts
    self.span = span
  }

  /// The plan that `seed` draws with `options`.
  public init(seed: UInt64, options: Options) {
    self.init(hosts: options[.hosts] + options[.joins], span: .seconds(options[.minutes] * 60))
    drawActions(RandomStream(seed: seed, "actions"), options)
    drawFaults(RandomStream(seed: seed, "faults"), options)
  }

  private mutating func drawActions(_ random: consuming RandomStream, _ options: Options) {
    // People have habits: what a run's people do often, others do seldom.
    let habits = Action.Kind.allCases.map { ($0, $0.weight * random.number(in: 0...3)) }
    let kinds = habits.flatMap { Array(repeating: $0.0, count: $0.1) }
    for _ in 0..<options[.actions] {
      actions.append(
        Action(
          time: moment(&random), host: random.number(in: 0...hosts - 1), kind: random.pick(kinds) ?? .say,
          seed: random.next()))
    }
    actions.sort { $0.time < $1.time }
  }

  private mutating func drawFaults(_ random: consuming RandomStream, _ options: Options) {
    for kind in FaultKind.allCases {
      for _ in 0..<options[kind.knob] {
        let most = Int(min(span.milliseconds / 3, kind.spanMsMax))
        faults.append(
          Fault(
            time: moment(&random), host: random.number(in: 0...hosts - 1), kind: kind,
            span: .milliseconds(random.number(in: min(10, most)...max(most, 10))), seed: random.next()))
      }
    }
    faults.sort { $0.time < $1.time }
  }

  private func moment(_ random: inout RandomStream) -> VirtualTime {
    VirtualTime(microseconds: Int64(random.number(in: 0...Int(span.microseconds))))
  }
}
