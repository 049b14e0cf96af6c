/** A page as most are: what stands here stands nearly everywhere, and tells nothing. */
export const usual = `<!DOCTYPE html>
<html lang="en-US" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8"><meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="The description of a page"><meta property="og:title" content="A page">
<title>A page</title>
<link rel="stylesheet" type="text/css" href="/static/css/main.min.css?v=1.2.3" id="main-css" media="all" />
<link rel="shortcut icon" href="/favicon.ico" type="image/x-icon">
<script type="text/javascript" src="/assets/js/app.min.js"></script>
<script>window.dataLayer = window.dataLayer || []; var config = {"name":"page","version":"1.0.0","url":"https://www.example.com/","enabled":true,"id":17};
function load(event) { const array = document.getElementById('content').value; if (array !== null) { return false; } }</script>
<style>body { margin: 0; font-size: 14px; color: #333; } .header img { display: none; }</style>
</head>
<body class="home">
<!-- The content -->
<div id="content" class="container row"><h1>Welcome</h1>
<ul class="menu"><li><a href="/index.php?id=2" title="More" target="_blank"><span>About us</span></a></li><li data-name='login'><a href="/login.html">Login</a></li></ul>
<form action="/search" method="post"><input type="hidden" name="token" value="" /><input type="text" name="user" placeholder="Username"><input type="password" name="password"><button type="submit">Log in</button></form>
<p style="color: red">The quick brown fox of this page jumps over 17 lazy dogs; an error of the server, at 10:30.</p>
<table border="0"><tr><td>Key</td><td>User</td></tr></table><br><img src="/images/logo.png" alt="Logo">
</div>
<footer>Copyright &copy; 2024 Example. All rights reserved. Powered by us, version 2.4.1</footer>
</body>
</html>
`
