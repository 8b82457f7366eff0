/// A story with a name: some machines, what people do, what goes wrong, and what must come of it.
public struct Scenario: Sendable {
  /// By which it is called up.
  public let name: String
  /// What happens, in a sentence.
  public let story: String
  /// The machines.
  public let devices: [String]
  private let script: @Sendable (Stage) throws -> Void

  /// The story that `script` tells on a stage with `devices`.
  public init(
    _ name: String, _ story: String, devices: [String], _ script: @escaping @Sendable (Stage) throws -> Void
  ) {
    self.name = name
    self.story = story
    self.devices = devices
    self.script = script
  }

  /// Tells the story, and returns the stage as it leaves it. Throws what did not hold.
  public func perform(seed: UInt64 = 1) throws -> Stage {
    let stage = try Stage(devices, seed: seed)
    try script(stage)
    return stage
  }

  /// Tells the story. Returns what happened, one line an event, and what did not hold, if anything.
  public func play(seed: UInt64 = 1) -> (lines: [String], failure: String?, hash: UInt64) {
    do {
      let stage = try Stage(devices, seed: seed, isTraced: true)
      do {
        try script(stage)
        return (stage.lines, nil, stage.simulation.trace.hash)
      } catch {
        stage.simulation.tell("✘ \(error)")
        return (stage.lines, "\(error)", stage.simulation.trace.hash)
      }
    } catch {
      return ([], "\(error)", 0)
    }
  }
}
