internal import AnabranchCore

/// A few machines whose story is told by hand: real replicas on simulated disks, clocks and networks, in virtual time.
///
/// Everything that must always hold is checked after each step; ``settle()`` waits until all are equal, and compares
/// them with the oracle. Nothing goes wrong but what the story says.
///
/// ```swift
/// let stage = try Stage(["phone", "laptop"])
/// let trip = try stage["phone"].start("Trip")
/// try stage.settle()
/// try stage.expect(stage["laptop"].title(of: trip) == "Trip", "the laptop knows the trip")
/// ```
public final class Stage {
  let simulation: Simulation
  private let names: [String]

  deinit {
    simulation.tearDown()
  }

  /// Machines of those names, new and empty, connected in a ring; the same seed tells the story in the same way.
  public init(_ names: [String], seed: UInt64 = 1, isTraced: Bool = false) throws {
    var options = Options()
    options[.hosts] = max(names.count, Knob.hosts.floor)
    options[.latencyMs] = 20
    self.names = names
    var drawn = Case(seed: seed, options: options)
    drawn.withoutHosts = NumberSet(names.count..<max(names.count, options[.hosts]))
    simulation = Simulation(drawn, isTraced: isTraced, isStaged: true)
    for host in simulation.hosts where host.number < names.count { try simulation.join(host) }
    try pass(.seconds(1))
  }

  /// The machine of that name, which has to be on the stage.
  public subscript(name: String) -> Device {
    guard let number = names.firstIndex(of: name) else {
      preconditionFailure("there is no \(name) on the stage, only \(names)")
    }
    return Device(name: name, host: simulation.hosts[number], simulation: simulation)
  }

  /// All machines, in the order in which they were named.
  public var devices: [Device] { names.map { self[$0] } }

  /// The moment that the story has reached.
  public var now: VirtualTime { simulation.scheduler.now }

  /// Lets time pass.
  public func pass(_ span: VirtualTime) throws {
    try simulation.proceed(until: now + span)
  }

  /// Nothing passes between these machines and all others from now on.
  public func disconnect(_ names: String...) {
    setApart(names, true)
  }

  /// What ``disconnect(_:)`` has cut is whole again.
  public func reconnect(_ names: String...) {
    setApart(names, false)
  }

  private func setApart(_ apart: [String], _ isApart: Bool) {
    let inside = apart.map { self[$0].host.number }
    let outside = names.indices.filter { !inside.contains($0) }
    simulation.network.block(inside.flatMap { a in outside.flatMap { [(a, $0), ($0, a)] } }, isApart)
  }

  /// Waits until all machines that run are equal, and compares them with each other, with what people were told, and
  /// with the oracle. Throws a ``Violation`` where that takes longer than `bound`.
  public func settle(within bound: VirtualTime = .seconds(300)) throws {
    simulation.survivors = simulation.hosts.map(\.number).filter { simulation.hosts[$0].process != nil }
    try simulation.proceed(until: now + bound) { simulation.isSettled }
    try simulation.checkEnd()
  }

  /// Throws a ``Violation`` with the words of `claim` unless it is true.
  public func expect(_ isTrue: @autoclosure () throws -> Bool, _ claim: String) throws {
    guard try isTrue() else { throw Violation(.equalsOracle, "the story expected that \(claim)") }
  }

  /// What happened so far, one line an event, if the stage is traced.
  public var lines: [String] { simulation.trace.lines }
}
