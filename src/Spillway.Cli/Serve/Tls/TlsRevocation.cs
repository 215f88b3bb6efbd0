namespace Spillway.Cli.Serve.Tls;

/// <summary>Whether certificates of clients are looked up among those that were taken back.</summary>
internal enum TlsRevocation
{
    /// <summary>They are not.</summary>
    None,

    /// <summary>In lists that this machine has. Unknown is refused.</summary>
    Offline,

    /// <summary>Where their authorities publish them. Unknown is refused: an authority that does not answer lets nobody in.</summary>
    Online,
}
