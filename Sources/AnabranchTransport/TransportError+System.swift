internal import NIOCore
internal import NIOPosix

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

extension TransportError {
  /// Why it was not possible to connect to `place`.
  init(connectingTo place: String, _ error: any Error) {
    if let own = error as? TransportError {
      self = own
    } else if let failure = error as? NIOConnectionError {
      if let cause = failure.connectionErrors.first?.error {
        self.init(connectingTo: place, cause)
      } else {
        self.init(
          .unresolvable, "the name \(failure.host) is not known here, so there is no address to connect to",
          remedy: "check the name, or give an address in numbers")
      }
    } else if case ChannelError.connectTimeout = error {
      self.init(
        .timeout, "expected an answer from \(place), none came in \(TransportLimits.connectMax)",
        remedy: "check that the device is on and that no firewall is between")
    } else if let io = error as? IOError {
      self.init(errno: io.errnoCode, "connect to \(place)", "\(error)")
    } else {
      self.init(brokenWith: place, error)
    }
  }

  /// Why it was not possible to listen on `place`.
  init(listeningOn place: String, _ error: any Error) {
    if let own = error as? TransportError {
      self = own
    } else if let io = error as? IOError {
      self.init(errno: io.errnoCode, "listen on \(place)", "\(error)")
    } else {
      self.init(
        .unresolvable, "expected an address of this machine, got \(place)",
        remedy: "give an address in numbers, such as 127.0.0.1")
    }
  }

  /// Why a connection that stood with `place` does not any more.
  init(brokenWith place: String, _ error: any Error) {
    self =
      error as? TransportError
      ?? TransportError(.broken, "the connection with \(place) broke: \(error)", remedy: "connect again")
  }

  /// The system's refusal to `act`.
  init(errno: Int32?, _ act: String, _ words: String) {
    switch errno {
    case ECONNREFUSED?, ENOENT?:
      self.init(
        .refused, "could not \(act): nobody listens there", remedy: "start it there, and check the port")
    case ENETUNREACH?, EHOSTUNREACH?, ENETDOWN?, EHOSTDOWN?:
      self.init(.unreachable, "could not \(act): no way leads there", remedy: "check the network")
    case ETIMEDOUT?:
      self.init(.timeout, "could not \(act): no answer", remedy: "check that the device is on")
    case EADDRINUSE?:
      self.init(
        .inUse, "could not \(act): somebody else listens there",
        remedy: "stop the other program, or choose another port")
    case EACCES?, EPERM?:
      self.init(.denied, "could not \(act): not allowed", remedy: "choose a port of 1024 or above")
    case EADDRNOTAVAIL?:
      self.init(
        .unavailable, "could not \(act): this machine has no such address", remedy: "choose one that it has")
    default:
      self.init(.system, "could not \(act): \(words)")
    }
  }
}
