internal import Foundation

/// The folder of one replica: its database, its device's private key, and the lock of whoever writes.
public struct Home: Hashable, Sendable {
  /// The folder's path.
  public let path: String

  /// The replica in the folder at `path`.
  public init(_ path: String) {
    self.path = URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// The history: logs, views and local tables.
  public var database: String { path + "/history.sqlite" }
  /// The device's private key. Never in the database, so that a copied database is no copied identity.
  public var key: String { path + "/device.key" }
  /// Locked by the process that writes.
  public var lock: String { path + "/writer.lock" }

  /// Whether a replica was made here.
  public var exists: Bool {
    FileManager.default.fileExists(atPath: database)
  }

  /// Makes the folder, readable by its owner only, unless it is there.
  func makeFolder() throws(AnabranchError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
      throw AnabranchError(
        isFull ? .diskFull : .io, "the folder \(path) cannot be made: \(error.localizedDescription)",
        remedy: "choose another one with --home")
    }
  }
}

extension Home: ExpressibleByStringLiteral {
  /// The replica in the folder at that path.
  public init(stringLiteral path: String) {
    self.init(path)
  }
}
