internal import Anabranch
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
  /// The machines whose network is gone.
  private var apart: Set<Int> = []

  deinit {
    simulation.tearDown()
  }

  /// Machines of those names, new and empty, connected in a ring; the same seed tells the story in the same way.
  public init(_ names: [String], seed: UInt64 = 1, isTraced: Bool = false, isDrawn: Bool = false) throws {
    precondition(Set(names).count == names.count && !names.isEmpty, "a stage has machines with a name each: \(names)")
    var options = Options()
    options[.hosts] = max(names.count, Knob.hosts.floor)
    options[.latencyMs] = 20
    self.names = names
    var drawn = Case(seed: seed, options: options)
    drawn.withoutHosts = NumberSet(names.count..<max(names.count, options[.hosts]))
    simulation = Simulation(drawn, isTraced: isTraced, isDrawn: isDrawn, isStaged: true)
    for host in simulation.hosts where host.number < names.count {
      host.name = names[host.number]
      try simulation.join(host)
    }
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
    precondition(span >= .zero, "time passes forth only")
    try simulation.proceed(until: now + span)
  }

  /// Nothing passes between each of these machines and any other one from now on.
  public func disconnect(_ names: String...) {
    setApart(apart.union(numbers(names)))
    simulation.tell("✶ the network of \(names.joined(separator: ", ")) is gone")
    for name in names {
      simulation.draw("the network of \(name) is gone", on: self[name].host, .fault)
      simulation.sketch?.add(.unreachable, to: self[name].host.number)
    }
  }

  /// These machines are on the network again: what passes between them and any other one that is, passes.
  public func reconnect(_ names: String...) {
    setApart(apart.subtracting(numbers(names)))
    simulation.tell("○ the network of \(names.joined(separator: ", ")) is back")
    for name in names {
      simulation.draw("the network of \(name) is back", on: self[name].host, .relief)
      simulation.sketch?.remove(.unreachable, from: self[name].host.number)
    }
  }

  private func numbers(_ names: [String]) -> Set<Int> {
    Set(names.map { self[$0].host.number })
  }

  private func setApart(_ next: Set<Int>) {
    func ways(_ apart: Set<Int>) -> [(from: Int, to: Int)] {
      names.indices.flatMap { a in
        names.indices.filter { $0 != a && (apart.contains(a) || apart.contains($0)) }.map { (a, $0) }
      }
    }
    simulation.network.block(ways(next), true)
    simulation.network.block(ways(apart), false)
    apart = next
  }

  /// Waits until all machines that run are equal, and compares them with each other, with what people were told, and
  /// with the oracle. Throws a ``Violation`` where that takes longer than `bound`.
  public func settle(within bound: VirtualTime = .seconds(300)) throws {
    simulation.tell("◆ until all are equal")
    simulation.survivors = simulation.hosts.map(\.number).filter { simulation.hosts[$0].process != nil }
    try simulation.proceed(until: now + bound) { simulation.isSettled }
    try simulation.checkEnd()
    simulation.draw("all are equal", .relief)
  }

  /// What a story expects, and did not find.
  public struct Expectation: Error, CustomStringConvertible {
    let claim: String
    let time: VirtualTime

    /// In a sentence.
    public var description: String { "at \(time) the story expected that \(claim)" }
  }

  /// Throws an ``Expectation`` unless `claim` is true.
  public func expect(_ isTrue: @autoclosure () throws -> Bool, _ claim: String) throws {
    guard try isTrue() else { throw Expectation(claim: claim, time: now) }
  }

  /// What happened so far, one line an event, if the stage is traced.
  public var lines: [String] { simulation.trace.lines }
}
