import AnabranchCore
import Foundation
import Synchronization
import Testing

@testable import Anabranch

/// A keyring in memory, which can be told to fail.
final class FakeKeyring: Keyring {
  struct State {
    var secrets: [String: [UInt8]] = [:]
    /// What it does not do any more.
    var isLocked = false
    var keepsNothing = false
    var altersWhatItKeeps = false
    var letsNothingGo = false
  }

  private let state = Mutex(State())

  /// What it keeps.
  var secrets: [String: [UInt8]] {
    state.withLock { $0.secrets }
  }

  func set(_ change: (inout State) -> Void) {
    state.withLock { change(&$0) }
  }

  static let locked = AnabranchError(.noKeyring, "the keyring is locked")

  func read(_ name: String) throws(AnabranchError) -> [UInt8]? {
    let (isLocked, secret) = state.withLock { ($0.isLocked, $0.secrets[name]) }
    if isLocked { throw Self.locked }
    return secret
  }

  func write(_ secret: [UInt8], as name: String) throws(AnabranchError) {
    let isLocked = state.withLock { state in
      if !state.isLocked, !state.keepsNothing {
        state.secrets[name] = state.altersWhatItKeeps ? secret.reversed() : secret
      }
      return state.isLocked
    }
    if isLocked { throw Self.locked }
  }

  func delete(_ name: String) throws(AnabranchError) {
    let isRefused = state.withLock { state in
      if !state.isLocked, !state.letsNothingGo { state.secrets[name] = nil }
      return state.isLocked || state.letsNothingGo
    }
    if isRefused { throw Self.locked }
  }
}

extension ScryptCost {
  /// The least that there is, so that tests are fast.
  static var low: ScryptCost {
    get throws { try ScryptCost(logRounds: 10) }
  }
}

/// Expects that `body` fails in that way.
func expectFailure(
  _ code: AnabranchError.Code, _ what: String = "", at location: SourceLocation = #_sourceLocation,
  of body: () async throws -> Void
) async {
  do {
    try await body()
    Issue.record("expected \(code.rawValue) of \(what)", sourceLocation: location)
  } catch {
    #expect((error as? AnabranchError)?.code == code, "\(what): \(error)", sourceLocation: location)
  }
}

extension Home {
  /// The bytes of the key's file.
  var keyBytes: [UInt8] {
    get throws { Array(try Data(contentsOf: URL(filePath: key))) }
  }

  /// Puts those bytes there, for its owner alone.
  func writeKey(_ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(filePath: key))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
  }
}
