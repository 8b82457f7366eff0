internal import Anabranch

extension Request {
  /// Undoes an action, the last one of this device where none is named, or what a device did; with `dryRun`, only says so.
  static func undo(
    action: String?, from device: String?, since: String?, dryRun: Bool = false, on replica: Replica
  ) async throws -> UndoReport {
    let summary: UndoSummary
    if let device, let since {
      let device = try await replica.findDevice(device)
      let first = try await replica.findAction(since)
      summary =
        dryRun
        ? try await replica.undoPreview(from: device, since: first)
        : try await replica.undo(from: device, since: first)
    } else if let action {
      let action = try await replica.findAction(action)
      summary = dryRun ? try await replica.undoPreview(action) : try await replica.undo(action)
    } else {
      summary = dryRun ? try await replica.undoLastPreview() : try await replica.undoLast()
    }
    return try await UndoReport(summary, on: replica, dryRun: dryRun)
  }
}
