internal import Anabranch

extension Request {
  /// Undoes an action, the last one of this device where none is named, or what a device did.
  static func undo(action: String?, from device: String?, since: String?, on replica: Replica) async throws
    -> UndoReport
  {
    let names = try await replica.names()
    if let device, let since {
      let device = try await replica.findDevice(device)
      let first = try await replica.findAction(since)
      return UndoReport(try await replica.undo(from: device, since: first), names, dryRun: false)
    }
    return UndoReport(try await replica.undo(find(action, on: replica)), names, dryRun: false)
  }

  /// What ``undo(action:from:since:on:)`` would do.
  static func preview(
    action: String?, from device: String?, since: String?, on replica: Replica
  ) async throws -> UndoReport {
    let names = try await replica.names()
    if let device, let since {
      let device = try await replica.findDevice(device)
      let first = try await replica.findAction(since)
      return UndoReport(try await replica.undoPreview(from: device, since: first), names, dryRun: true)
    }
    return UndoReport(try await replica.undoPreview(find(action, on: replica)), names, dryRun: true)
  }

  private static func find(_ action: String?, on replica: Replica) async throws -> ActionRecord {
    if let action { return try await replica.findAction(action) }
    guard let last = try await replica.lastAction() else {
      throw AnabranchError(
        .notFound, "there is nothing left to undo that was done on this device",
        remedy: "see `anabranch log` for what other devices did")
    }
    return last
  }
}
