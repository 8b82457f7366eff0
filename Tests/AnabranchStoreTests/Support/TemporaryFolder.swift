import AnabranchCore
import Foundation

@testable import AnabranchStore

/// A folder of its own for one test, removed with everything in it when the last reference goes.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "anabranch-store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path(percentEncoded: false)
  }

  func file(_ name: String) -> String {
    "\(path)/\(name)"
  }

  /// A database in the folder. Nothing is pressed onto the disk unless the test is about that.
  func store(
    _ name: String = "history.sqlite", access: Store.Access = .create, durability: Store.Durability = .off
  ) throws -> Store {
    let store = try Store(at: file(name), access: access, durability: durability)
    store.isSigned = { checkpoint, _ in checkpoint.signature == noSignature }
    return store
  }

  func bytes(of name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: file(name)))
  }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}
