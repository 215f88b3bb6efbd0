namespace Spillway.Transports.Parked;

/// <summary>
/// A connection whose socket can leave Kestrel while a request runs on it. Among the features of a request over HTTP/1.x in plain text; over TLS and HTTP/2 it may be there, too, as a feature of the
/// connection below: whoever asks has made sure of HTTP/1.x, and over TLS <see cref="TryDetach"/> refuses.
/// </summary>
internal interface IDetachableConnection
{
    /// <summary>Whether nothing stands between the socket and Kestrel (TLS does), and Kestrel has it.</summary>
    bool CanDetach { get; }

    /// <summary>
    /// Takes the socket away from Kestrel. Called on the request's thread, once, after the head and whatever else the client shall get before were flushed, the request's body was read to its end, and
    /// while nobody reads from or writes to the connection. From then on Kestrel's writes lead nowhere and its reads see an ordinary end; the request returns as soon as it can. When the kernel has what
    /// was written before, <paramref name="adopter"/> gets the socket.
    /// </summary>
    /// <returns>False: the connection stays with Kestrel (it has gone, or something stands between it and Kestrel); the adopter is not called.</returns>
    bool TryDetach(ISocketAdopter adopter);
}
