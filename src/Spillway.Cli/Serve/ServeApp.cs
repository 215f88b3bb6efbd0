using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Cli.Serve.Tls;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Cli.Serve;

/// <summary>A hub as a process of its own; <c>serve</c>, the demo and tests run the same.</summary>
internal static class ServeApp
{
    // Whether a connection's continuations run on the thread that polls its socket, instead of on the thread pool.
    // Inline saves a hop per write, a tenth of cell B's CPU a delivery (bench/cells). Handlers never block, so it is safe here.
    private const bool InlineScheduling = true;

    // What a subscriber that does not read can hold, beside what its own system has taken: by default it is 64 KiB here and up to 4 MiB in the kernel, and the
    // kernel's share of a few hundred of them slows every connection of the machine (bench/stalled).
    private const int UnwrittenBytes = 4 * 1024; // In Kestrel: inline scheduling writes before the sink looks, so nothing waits here while the kernel takes it.
    private const int UnacknowledgedBytes = 256 * 1024; // In the kernel, sent or not.

    private const int ListenBacklog = 4_096; // Linux cuts it to net.core.somaxconn, which is 4,096 by default.
    private const int RequestLineBytes = 32 * 1024; // A hundred topics in a query, percent-encoded.
    private const int RequestHeadBytes = 48 * 1024;

    /// <summary>The application, not started: the guard of an open hub first, where it is one, then the hub at "/". More may be mapped.</summary>
    /// <param name="settings">What it is started with.</param>
    /// <param name="source">Where they come from, to be read again when that changes; null: never.</param>
    public static WebApplication Build(ServeSettings settings, SettingsSource? source = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "spillway", ContentRootPath = Environment.CurrentDirectory });
        var held = new HeldConfiguration(settings.Configuration);
        ((IConfigurationBuilder)builder.Configuration).Add(held);
        builder.WebHost.UseKestrel(options => Configure(options, settings)).UseSockets(Tune).UseSpillwayTransport();
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        if (settings.Tls.Certificate is not null)
        {
            AddTls(builder.Services, settings.Tls);
        }

        builder.Services.AddHsts(hsts => hsts.MaxAge = settings.Tls.HstsInForce());
        builder.Services.AddRouting();
        builder.Services.AddSpillway();
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<SpillwayOptions>>(static (host, spillway) => host.ShutdownTimeout = spillway.Value.GracePeriod);
        if (source is not null)
        {
            builder.Services.AddHostedService(provider =>
                new SettingsWatch(source, settings, held, provider.GetRequiredService<OptionReloader>(), provider.GetRequiredService<TimeProvider>()));
        }

        WebApplication? app = null;
        ServeLogs.Add(builder.Logging, settings, () => app?.Lifetime.ApplicationStarted.IsCancellationRequested == true);

        app = builder.Build();
        if (TrustedProxies.Read(settings.Proxies, []) is { } forwarded)
        {
            app.UseForwardedHeaders(forwarded);
        }

        if (settings.Tls.HstsInForce() > TimeSpan.Zero)
        {
            app.UseHsts(); // Not where Host is this machine: browsers would hold all its ports to it.
        }

        if (settings.IsOpen)
        {
            app.Use(app.Services.GetRequiredService<OpenHubGuard>().InvokeAsync);
        }

        app.Use(AnswerNothingThereAsync);
        app.MapSpillway("/");
        app.MapSpillwayOperations();
        if (settings.DebugEndpoints)
        {
            DebugEndpoints.Map(app, app.Services.GetRequiredService<AccessGate>());
        }

        return app;
    }

    /// <summary>
    /// Runs an application until it is told to stop, by the token or from within, and then until its streams have ended. Returns the exit code; what keeps it from starting is told.
    /// </summary>
    public static async Task<int> RunAsync(Func<WebApplication> build, Terminal terminal, CancellationToken cancellationToken)
    {
        WebApplication? app = null;
        try
        {
            app = build();
            await using (cancellationToken.Register(app.Lifetime.StopApplication)) // Ends waiting for another process that has the history.
            {
                await app.StartAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            await DisposeAsync(app);
            throw;
        }
        catch (OptionsValidationException e)
        {
            await DisposeAsync(app);
            throw new UsageException([.. e.Failures]);
        }
        catch (UsageException)
        {
            await DisposeAsync(app);
            throw;
        }
#pragma warning disable CA1031 // Whatever keeps a hub from starting is told in one line.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await DisposeAsync(app);
            await terminal.Error.WriteLineAsync($"spillway: {Explain(e)}");
            return ExitCode.Failure;
        }

        await using (app)
        {
            foreach (var url in app.Urls)
            {
                await terminal.Out.WriteLineAsync($"listening on {url}");
            }

            await terminal.Out.FlushAsync(CancellationToken.None);
            await StopAskedAsync(app.Lifetime.ApplicationStopping, cancellationToken);
            try
            {
                await app.StopAsync(CancellationToken.None); // Bounded by the grace period.
                return ExitCode.Success;
            }
            catch (OperationCanceledException)
            {
                await terminal.Error.WriteLineAsync("spillway: GracePeriod was over before everything had ended; the rest was cut.");
                return ExitCode.Failure;
            }
        }
    }

    /// <summary>A path that nothing is mapped to is answered like every other fault. An endpoint's own 404 stays as it is.</summary>
    private static Task AnswerNothingThereAsync(HttpContext context, RequestDelegate next) =>
        context.GetEndpoint() is null ? ProblemWriter.WriteAsync(context, Problem.NotFound(context.Request.Path)) : next(context);

    private static ValueTask DisposeAsync(WebApplication? app) => app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task StopAskedAsync(CancellationToken fromWithin, CancellationToken fromOutside)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (fromWithin.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), asked))
        using (fromOutside.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), asked))
        {
            await asked.Task;
        }
    }

    private static void AddTls(IServiceCollection services, TlsOptions options)
    {
        var first = TlsIdentityReader.Open(options, TimeProvider.System.GetUtcNow()); // What is wrong with it keeps the hub from starting.
        services.AddSingleton(provider => new TlsWatch(
            options, first, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<ILogger<TlsWatch>>()));
        services.AddHostedService(static provider => provider.GetRequiredService<TlsWatch>());
    }

    private static void Configure(KestrelServerOptions options, ServeSettings settings)
    {
        options.AddServerHeader = false;
        options.Limits.MinResponseDataRate = null; // It ends slow HTTP/2 subscribers; our own stall limit watches them.
        options.Limits.MaxRequestLineSize = RequestLineBytes;
        options.Limits.MaxRequestHeadersTotalSize = RequestHeadBytes;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15); // Half of Kestrel's: an unfinished head holds a descriptor.
        foreach (var url in settings.Urls)
        {
            Listen(options, url);
        }
    }

    /// <summary>By address, never by name: Kestrel takes every name but localhost for all addresses of the machine.</summary>
    private static void Listen(KestrelServerOptions options, Uri url)
    {
        if (IPAddress.TryParse(url.DnsSafeHost, out var address))
        {
            options.Listen(address, url.Port, Secure);
        }
        else
        {
            options.ListenLocalhost(url.Port, Secure);
        }

        void Secure(ListenOptions endpoint)
        {
            if (url.Scheme == Uri.UriSchemeHttps)
            {
                var tls = options.ApplicationServices.GetRequiredService<TlsWatch>();
                endpoint.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(tls.Current.Options) }); // HTTP/2, too, which browsers speak over TLS only.
            }
            else
            {
                endpoint.Protocols = HttpProtocols.Http1;
            }
        }
    }

    /// <summary>Kestrel's own sockets, which serve what is no IP address: much as Spillway's are by default.</summary>
    private static void Tune(SocketTransportOptions options)
    {
        options.Backlog = ListenBacklog;
        options.UnsafePreferInlineScheduling = InlineScheduling;
        options.WaitForDataBeforeAllocatingBuffer = true; // A subscriber sends nothing for hours: no buffer waits for it.
        options.MaxWriteBufferSize = UnwrittenBytes;
        options.CreateBoundListenSocket = static endpoint =>
        {
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.SendBufferSize = UnacknowledgedBytes; // What is accepted has it, too.
            return socket;
        };
    }

    private static string Explain(Exception e) => e.InnerException is AddressInUseException || e is AddressInUseException
        ? $"{e.Message.TrimEnd('.')}. Stop the process that listens there, or choose another port with --urls."
        : e is SocketException { SocketErrorCode: SocketError.AccessDenied } ? $"{e.Message}. Ports below 1024 need a privilege; choose another with --urls."
        : $"the hub cannot start: {e.Message}";
}
