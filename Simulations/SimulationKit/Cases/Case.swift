/// All that a run follows from: its seed, what it is made of, and what happens in it, or what is left out of that.
public struct Case: Hashable, Sendable {
  /// What everything is drawn from.
  public var seed: UInt64
  /// What the run is made of.
  public var options: Options
  /// What happens in it, word for word; drawn from the seed for nil.
  public var script: Plan?
  /// Actions left out of the plan.
  public var withoutActions = NumberSet()
  /// Faults left out of the plan.
  public var withoutFaults = NumberSet()
  /// Machines that never join.
  public var withoutHosts = NumberSet()

  /// The whole run of `seed`, with what the swarm draws for it unless `options` say otherwise.
  public init(seed: UInt64, options: Options? = nil) {
    self.seed = seed
    self.options = options ?? Options(seed: seed)
  }

  /// What happens, before anything is left out of it.
  public var plan: Plan {
    script ?? Plan(seed: seed, options: options)
  }

  /// The same run with all that is left in it written out: it stays what it is when plans are drawn otherwise.
  public var writtenOut: Case {
    var result = self
    var script = plan
    script.actions = script.actions.indices.filter { !withoutActions.contains($0) }.map { script.actions[$0] }
    script.faults = script.faults.indices.filter { !withoutFaults.contains($0) }.map { script.faults[$0] }
    result.script = script
    (result.withoutActions, result.withoutFaults) = (NumberSet(), NumberSet())
    return result
  }
}
