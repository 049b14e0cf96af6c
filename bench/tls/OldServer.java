import java.io.FileInputStream;
import java.net.InetAddress;
import java.security.KeyStore;
import javax.net.ssl.*;

/** Java's own TLS with all that it knows switched on: SSL 3, EXPORT, single DES, RC4, anonymous and NULL suites. `java OldServer.java KEYSTORE PORT`. */
public class OldServer {
    public static void main(String[] args) throws Exception {
        java.security.Security.setProperty("jdk.tls.disabledAlgorithms", "");
        java.security.Security.setProperty("jdk.tls.legacyAlgorithms", "");
        char[] word = "vigil-bench".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new FileInputStream(args[0]), word);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, word);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(Integer.parseInt(args[1]), 50, InetAddress.getLoopbackAddress());
        server.setEnabledProtocols(java.util.Arrays.stream(server.getSupportedProtocols()).filter(p -> !p.equals("SSLv2Hello")).toArray(String[]::new));
        server.setEnabledCipherSuites(server.getSupportedCipherSuites());
        while (true) {
            SSLSocket socket = (SSLSocket) server.accept();
            socket.setSoTimeout(5000);
            new Thread(() -> { try (socket) { socket.startHandshake(); socket.getInputStream().read(); } catch (Exception ignored) { } }).start();
        }
    }
}
