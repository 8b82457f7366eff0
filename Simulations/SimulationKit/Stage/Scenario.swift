public import Anabranch

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

  /// What came of a story that was told.
  public struct Telling: Sendable {
    /// What happened, one line an event.
    public var lines: [String] = []
    /// What did not hold, if anything.
    public var failure: String?
    /// Equal for tellings that went the same way, byte for byte.
    public var hash: UInt64 = 0
    /// What was written and what happened, as a picture, where that was asked for.
    public var picture: CausalDiagram?
  }

  /// Tells the story; with `isDrawn` there is a picture of it.
  public func play(seed: UInt64 = 1, isDrawn: Bool = false) -> Telling {
    let stage: Stage
    do {
      stage = try Stage(devices, seed: seed, isTraced: true, isDrawn: isDrawn)
    } catch {
      return Telling(failure: "\(error)")
    }
    var failure: String?
    do {
      try script(stage)
    } catch {
      failure = "\(error)"
      stage.simulation.tell("✘ \(error)")
    }
    if let failure { stage.simulation.drawEnd(failure) }
    return Telling(
      lines: stage.lines, failure: failure, hash: stage.simulation.trace.hash, picture: stage.simulation.sketch?.picture
    )
  }
}
