internal import AnabranchSync
internal import AnabranchTransport
internal import AnabranchWire

extension ConnectionEnding.Cause {
  /// Why `link`, which has ended, did.
  init(of link: Link) {
    let isProved = link.session != nil
    let code = link.ending?.closing.flatMap { Closing.Code(rawValue: $0.code) }
    self =
      switch (code, link.ending?.origin) {
      case (.done?, _), (.renamed?, _), (.shutdown?, _): .ended
      case (.own?, _): .own
      case (.version?, _): .version
      case (.space?, _): .stranger
      case (.violation?, .here?) where !isProved, (.timeout?, .here?) where !isProved: .unproven
      case (.timeout?, _): .timeout
      case (_?, _): .failed
      case (nil, _) where link.ending?.closing != nil: .failed
      case (nil, _) where !isProved: .unproven
      case (nil, _) where link.dialled != nil && link.summary.peer == nil: .turnedAway
      case (nil, _): .broken
      }
  }

  /// Why there was no connection at all.
  init(_ error: TransportError) {
    self =
      switch error.code {
      case .refused: .refused
      case .timeout: .timeout
      case .unreachable: .noRoute
      case .unresolvable: .unresolvable
      default: .failed
      }
  }
}
