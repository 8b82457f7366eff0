internal import AnabranchStore

extension AnabranchError {
  /// What the store said, in this library's terms.
  init(_ error: StoreError) {
    let code: Code =
      switch error.code {
      case .locked, .busy: .locked
      case .damaged: .damaged
      case .foreign: .foreign
      case .newer: .newer
      case .older: .older
      case .format: .format
      case .notFound: .notFound
      case .exists: .exists
      case .diskFull: .diskFull
      case .io: .io
      case .refused: .protocolViolation
      case .denied: .denied
      case .limit: .invalid
      }
    self.init(code, error.message, remedy: error.remedy)
  }
}
